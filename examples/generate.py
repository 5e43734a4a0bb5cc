#!/usr/bin/env python3
"""Writes the story of examples/README.md: four weeks of CloudTrail as S3 holds it, with one attack in the last, and
the account's settings as they were afterwards.

usage: generate.py [--truth FILE] [--snapshot FILE] OUT_DIR

The same program writes the same bytes every time: the seed is fixed and no clock is read.
"""

import argparse
import sys
from datetime import datetime, timedelta, timezone

sys.dont_write_bytecode = True  # the source tree stays as it is

from story import account, attack, company, delivery, people  # noqa: E402
from story.amendments import amend  # noqa: E402
from story.cloud import Cloud  # noqa: E402
from story.dice import Dice  # noqa: E402
from story.machines import Machines  # noqa: E402

SEED = 20260601
FIRST_DAY = datetime(2026, 6, 1, tzinfo=timezone.utc)  # a Monday; midnight UTC is nine in the morning in Japan
DAYS = 28
BILL_DAY, NEWCOMER_DAY, NEW_KEY_DAY, ATTACK_DAY = 3, 8, 16, 23


def tell(cloud):
    """Records the four weeks, in the order of days."""
    estate = company.Estate(cloud.dice)
    machines, staff = Machines(cloud, estate), people.People(cloud, estate)
    for day in range(DAYS):
        midnight = FIRST_DAY + timedelta(days=day)
        working = midnight.weekday() < 5
        machines.day(midnight, working)
        if working:
            present = company.PEOPLE + ([company.NEWCOMER] if day > NEWCOMER_DAY else [])
            staff.day(midnight, present)
        if day == BILL_DAY:
            people.root_pays_the_bill(cloud, midnight + timedelta(hours=2, minutes=12))
        if day == NEWCOMER_DAY:
            people.newcomer_arrives(cloud, midnight + timedelta(hours=1, minutes=30), 'sato.hanako',
                                    company.NEWCOMER.user, company.OFFICE)
        if day == NEW_KEY_DAY:
            people.own_key_renewed(cloud, midnight + timedelta(hours=6, minutes=4), 'watanabe.sho', company.OFFICE)
        if day == ATTACK_DAY:
            attack.Attack(cloud, estate, midnight + timedelta(hours=17, minutes=2)).run()
            attack.morning_after(cloud, estate, midnight + timedelta(hours=23, minutes=5))
    amend(cloud, list(cloud.records))


def main():
    parser = argparse.ArgumentParser(description='Writes four weeks of a small company\'s CloudTrail, with one attack.')
    parser.add_argument('folder', metavar='OUT_DIR', help='where AWSLogs/ is written; it should be empty')
    parser.add_argument('--truth', metavar='FILE', help='writes step, eventID, eventName, eventTime of the attack')
    parser.add_argument('--snapshot', metavar='FILE', help='writes the account\'s settings on the Monday after')
    arguments = parser.parse_args()
    cloud = Cloud(Dice(SEED))
    tell(cloud)
    files, records, size = delivery.write(cloud.records, Dice(SEED + 1), arguments.folder)
    if arguments.truth:
        with open(arguments.truth, 'w', encoding='utf-8') as out:
            out.writelines('\t'.join(line) + '\n' for line in cloud.truth)
    if arguments.snapshot:
        account.snapshot().write(arguments.snapshot)
    print('%d events, %d records with those delivered twice, %d files, %.1f MB'
          % (len(cloud.records), records, files, size / 1e6))


if __name__ == '__main__':
    main()
