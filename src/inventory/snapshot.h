/* What was read of one account at one time: items, what is known to be absent, and what could not be read.
 *
 *     collectors ──┐
 *                  ├─▶ nz_snapshot_builder ──▶ nz_snapshot ──▶ audit, diff, a file
 *     a file ──────┘
 *
 * It cannot be changed once it is made, so any number of threads may look. Texts live as long as it.
 * The file is described in docs/formats/snapshot.md. */
#ifndef NZ_INVENTORY_SNAPSHOT_H
#define NZ_INVENTORY_SNAPSHOT_H

#include "aws/error.h" /* nz_aws_code_is, for the errors of nz_unread */
#include "core/time.h"
#include "inventory/item.h"

#define NZ_REGION_GLOBAL NZ_STR("global")

struct nz_snapshot_header {
    struct nz_str tool, account, partition, captured_at, caller_arn, caller_id, caller_region;
    nz_time captured; /* captured_at as a time: ages are counted from here */
    uint32_t version; /* of the format; 0: the file was none of ours */
};

/* A call that was answered, all its pages. */
struct nz_collected {
    struct nz_str service, operation, region;
    uint64_t items;
};

/* A call that was not answered, or not to its end. */
struct nz_unread {
    struct nz_str service, operation, region, resource, error, action, message;
};
/* What stands as its error where AWS named none: "Timeout", a word of docs/formats/snapshot.md. */
const char *nz_unread_word(enum nz_err err);

struct nz_snapshot {
    struct nz_snapshot_header header;
    const struct nz_str *regions;   /* as in the header, in its order */
    const struct nz_item *items;    /* sorted by type, region, ARN and id */
    const struct nz_unread *unread; /* these two sorted by service, operation, region and resource */
    const struct nz_collected *collected;
    size_t regions_count, items_count, unread_count, collected_count;
    /* Lines or items that were there and could not be used: then nothing that is missing is known to be absent. */
    uint64_t damaged;
};

void nz_snapshot_free(struct nz_snapshot *snapshot); /* NULL is fine */

/* Items side by side. */
struct nz_items {
    const struct nz_item *p;
    size_t n;
};

/* All of a type, in all regions or in one. */
struct nz_items nz_snapshot_items(const struct nz_snapshot *s, struct nz_str type);
struct nz_items nz_snapshot_items_in(const struct nz_snapshot *s, struct nz_str type, struct nz_str region);

/* The first item of a type with this ARN; NULL when there is none. Looks at each of the type. */
const struct nz_item *nz_snapshot_find(const struct nz_snapshot *s, struct nz_str type, struct nz_str arn);

/* What the snapshot says of the things of a type in a region: see "There, not there, not read" of the document. */
enum nz_listing {
    NZ_LISTED,    /* all are among the items; when there is none, there is none in the account */
    NZ_UNREAD,    /* *why says what kept it from being read, or from being read to the end */
    NZ_NOT_ASKED, /* nobody asked: the region is closed, or what the question depends on is not there */
};
/* why may be NULL; *why is set with NZ_UNREAD, else NULL. A type that is not in types.list is NZ_NOT_ASKED. */
enum nz_listing nz_snapshot_listing(const struct nz_snapshot *s, struct nz_str type, struct nz_str region,
                                    const struct nz_unread **why);

/* The line that says why a call was not answered; resource "" for what is asked of a whole region. NULL: there is none. */
const struct nz_unread *nz_snapshot_unread(const struct nz_snapshot *s, struct nz_str service, struct nz_str operation,
                                           struct nz_str region, struct nz_str resource);
/* The same by the operation's name alone: why the member `operation` of an item's supplementaryConfiguration is absent. */
const struct nz_unread *nz_snapshot_unread_of(const struct nz_snapshot *s, const struct nz_item *item,
                                              struct nz_str operation);

enum nz_region_access {
    NZ_REGION_OPEN,
    NZ_REGION_NOT_OPTED_IN,
    NZ_REGION_CLOSED_BY_SCP,
    NZ_REGION_NOT_ASKED,
};
/* NZ_REGION_OPEN for a region of which the snapshot says nothing. */
enum nz_region_access nz_snapshot_region_access(const struct nz_snapshot *s, struct nz_str region);

/* "arn:PARTITION:iam::ACCOUNT:root", which stands for the account as a whole; appended. */
void nz_snapshot_append_root(const struct nz_snapshot *s, struct nz_buf *out);

#endif
