"""Scenario files: what is asked, and what is answered.

    caller: {arn: ..., secret: ...}         settings, each with a default: see Settings
    rules:
      - ask: cloudtrail:GetTrailStatus      service (by its signing name; s3-control) and operation; * and ? as in file names
        region: [us-east-1, "eu-*"]         where; left out: everywhere
        account: "4444*"                    whose keys ask; left out: anybody's
        with: {Name: "*trail"}              parameters as given; left out: any
        times: 2                            how often this rule serves; left out: always
        delay_ms: 50                        waits first
        answer: {IsLogging: true}           in the member names of the API reference
        error: {code: NoSuchEntity, message: ..., status: 404}   or the name of a kind: throttled, access-denied, ...
        fault: cut                          see faults.py

The first rule that fits and is not used up serves; one with neither answer nor error only waits or sets the fault, and the
search goes on behind it for what would have been answered. `answer: !made NAME` is made by the account's function of that name (people.py). In texts {account},
{partition}, {region} and {caller} are filled in. !ago 3d is a time (s, m, h, d) before the endpoint's start.
"""
import datetime
import fnmatch
import re

import yaml

from .faults import FAULTS
from .refusals import KINDS

KEYS = {'ask', 'region', 'account', 'with', 'times', 'delay_ms', 'answer', 'error', 'fault'}
SETTINGS = {
    'account': '111122223333', 'partition': 'aws', 'caller': 'arn:aws:iam::111122223333:user/auditor',
    'users': 50, 'roles': 100, 'groups': 10,
    'page': 100,            # entities in a page of GetAccountAuthorizationDetails, at most
    'clock_offset_s': 0,    # how far the endpoint's clock is ahead
    'delay_ms': 0,          # of every call
    # access key id -> secret; token; state: expired; account and caller where they are others than the two above
    'keys': {'AKIAIOSFODNN7EXAMPLE': {'secret': 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'}},
}
SECONDS = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}
NAME = re.compile(r'\{(account|partition|region|caller)\}')


class Made(str):
    """The name of a function that makes the answer."""


class Loader(yaml.SafeLoader):
    started = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def ago(loader, node):
    match = re.fullmatch(r'(-?\d+)([smhd])', loader.construct_scalar(node))
    if not match:
        raise yaml.constructor.ConstructorError(None, None, '!ago wants a number and one of s m h d', node.start_mark)
    return loader.started - datetime.timedelta(seconds=int(match[1]) * SECONDS[match[2]])


Loader.add_constructor('!ago', ago)
Loader.add_constructor('!made', lambda loader, node: Made(loader.construct_scalar(node)))


class Rule:
    def __init__(self, source, row):
        unknown = set(row) - KEYS
        if unknown or 'ask' not in row:
            raise ValueError(f'{source}: a rule has ask and any of {sorted(KEYS)}, not {sorted(unknown) or "nothing"}')
        self.source, self.ask, self.left = source, row['ask'], row.get('times')
        regions = row.get('region', '*')
        self.regions = regions if isinstance(regions, list) else [regions]
        self.account, self.wanted = str(row.get('account', '*')), row.get('with', {})
        self.delay_ms, self.fault, self.error = row.get('delay_ms', 0), row.get('fault'), row.get('error')
        self.answer = row.get('answer')
        if self.fault and self.fault not in FAULTS:
            raise ValueError(f'{source}: {self.fault!r} is none of the faults {sorted(FAULTS)}')
        if isinstance(self.error, str) and self.error not in KINDS:
            raise ValueError(f'{source}: {self.error!r} is none of the errors {sorted(KINDS)}')
        self.serves = bool(self.error or self.answer is not None)

    def fits(self, call):
        return (self.left != 0 and fnmatch.fnmatchcase(call.ask, self.ask)
                and any(fnmatch.fnmatchcase(call.region, region) for region in self.regions)
                and fnmatch.fnmatchcase(call.names['account'], self.account)
                and all(fnmatch.fnmatchcase(str(call.parameters.get(k, '')), str(v)) for k, v in self.wanted.items()))


class Scenario:
    """Rules of several files, those of the first before those of the next; a setting of an earlier file wins."""

    def __init__(self, texts):
        self.settings, self.rules = {}, []
        for source, text in texts:
            document = yaml.load(text, Loader) or {}
            unknown = set(document) - set(SETTINGS) - {'rules'}
            if unknown:
                raise ValueError(f'{source}: no such setting: {sorted(unknown)}')
            self.settings = {**{k: v for k, v in document.items() if k != 'rules'}, **self.settings}
            self.rules += [Rule(source, row) for row in document.get('rules') or []]
        self.settings = {**SETTINGS, **self.settings}

    def rules_for(self, call):
        """(milliseconds to wait, name of a fault or None, the rule that serves or None). Under a lock: rules are used up."""
        delay_ms, fault = self.settings['delay_ms'], None
        for rule in self.rules:
            if rule.fits(call):
                delay_ms += rule.delay_ms
                fault = fault or rule.fault
                if rule.left is not None:
                    rule.left -= 1
                if rule.serves:
                    return delay_ms, fault, rule
        return delay_ms, fault, None

    def fill(self, value, call):
        """A copy with the names in its texts filled in, and times by the endpoint's clock."""
        if isinstance(value, dict):
            return {self.fill(k, call): self.fill(v, call) for k, v in value.items()}
        if isinstance(value, list):
            return [self.fill(v, call) for v in value]
        if isinstance(value, datetime.datetime):  # by the endpoint's own clock
            return value + datetime.timedelta(seconds=self.settings['clock_offset_s'])
        if isinstance(value, str):
            return NAME.sub(lambda m: call.region if m[1] == 'region' else call.names[m[1]], value)
        return value
