/* Which management events a trail selects, from the answer of GetEventSelectors.
 *
 * Selectors are joined with OR, the fields of an advanced one with AND. The name of a selector is free text.
 * Source: CloudTrail API Reference, EventSelector, AdvancedEventSelector and AdvancedFieldSelector; CloudTrail User Guide,
 * "Logging management events". */
#ifndef NZ_AUDIT_SELECTION_H
#define NZ_AUDIT_SELECTION_H

#include "core/json.h"

/* In this order: the more, the better. */
enum nz_selected {
    NZ_SELECTED_NONE,
    NZ_SELECTED_NARROWED, /* those alone that meet a further condition, such as eventName */
    NZ_SELECTED_EXCLUDED, /* all but those of some services */
    NZ_SELECTED_ALL,
};

struct nz_selection {
    enum nz_selected reading, writing;
};

/* answer: an object, or null, which is a trail without selectors of its own: "By default, trails log all management
 * events." */
struct nz_selection nz_selection_read(struct nz_json answer);

/* The services left out, "kms.amazonaws.com, rdsdata.amazonaws.com"; appended. */
void nz_selection_append_excluded(struct nz_json answer, struct nz_buf *out);

#endif
