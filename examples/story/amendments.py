"""Records that CloudTrail sends again with an addendum: one corrected, one late."""

import copy
from datetime import timedelta


def amend(cloud, records):
    """UPDATED_DATA replaces the record of originalEventID; DELIVERY_DELAY only says why a record is late."""
    when, record = next((when, record) for when, record in records
                        if record.get('eventName') == 'CreateSnapshot' and record['responseElements'])
    corrected = copy.deepcopy(record)
    corrected['eventID'] = cloud.dice.uuid()
    corrected['responseElements']['status'] = 'completed'
    corrected['addendum'] = {'reason': 'UPDATED_DATA', 'updatedFields': 'responseElements.status',
                             'originalRequestID': record['requestID'], 'originalEventID': record['eventID']}
    cloud.keep(when + timedelta(hours=6), corrected)
    late = next(record for _, record in records if record.get('eventName') == 'GetFunction20150331v2')
    late['addendum'] = {'reason': 'DELIVERY_DELAY'}
