/* Source: Detective API Reference, ListGraphs. */
#include "inventory/collector.h"

static const struct nz_list graphs = {
    .operation = NZ_AWS_DETECTIVE_ListGraphs,
    .type = "AWS::Detective::Graph",
    .path = "GraphList",
    .id = "Arn",
    .arn = "Arn",
};

static enum nz_err in_region(struct nz_collect *c, struct nz_str region)
{
    return nz_collect_list(c, &graphs, region, NULL);
}

const struct nz_collector nz_collector_detective = {.round = 1, .region = in_region};
