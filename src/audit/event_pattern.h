/* Would an event be told? Patterns of EventBridge and filters of CloudWatch Logs, tried on what is known of an event.
 *
 *     event    detail.userIdentity.type is "Root", detail.userIdentity.invokedBy is absent, all else is open
 *     pattern  {"detail":{"userIdentity":{"type":["Root"]}}}                              yes
 *              { $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }           maybe: eventName is open
 *
 * So a pattern is judged by what it lets through, not by how it is written.
 * Source: EventBridge User Guide, "Amazon EventBridge event patterns" and "Content filtering"; CloudWatch Logs User Guide,
 * "Filter pattern syntax: JSON log events". */
#ifndef NZ_AUDIT_EVENT_PATTERN_H
#define NZ_AUDIT_EVENT_PATTERN_H

#include "audit/check.h"

/* In this order: AND is the least of its parts, OR the greatest. */
enum nz_match { NZ_MATCH_NO, NZ_MATCH_MAYBE, NZ_MATCH_YES };

enum nz_event_knowledge { NZ_EVENT_VALUE, NZ_EVENT_BEGINS, NZ_EVENT_ABSENT };

/* Path as in EventBridge, the CloudTrail record below "detail". A field that is not listed may have any value or none. */
struct nz_event_field {
    const char *path, *value;
    enum nz_event_knowledge knowledge;
};
struct nz_event {
    const struct nz_event_field *fields;
    size_t n;
};

/* pattern: JSON. Operators that are not known here, and a pattern that is none, give "maybe". */
enum nz_match nz_event_pattern_match(struct nz_audit *a, struct nz_str pattern, const struct nz_event *event);

/* pattern: "{ $.a = … && … }", or words, of which nothing is known: "maybe". An empty one matches all. */
enum nz_match nz_metric_filter_match(struct nz_str pattern, const struct nz_event *event);

/* The event's field of this path, or NULL: open. */
const struct nz_event_field *nz_event_field(const struct nz_event *event, struct nz_str path);

/* "*" stands for any text. */
bool nz_event_glob(struct nz_str pattern, struct nz_str text);

#endif
