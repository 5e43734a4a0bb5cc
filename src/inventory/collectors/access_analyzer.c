/* Source: IAM Access Analyzer API Reference, ListAnalyzers. */
#include "inventory/collector.h"

static const struct nz_list analyzers = {
    .operation = NZ_AWS_ACCESS_ANALYZER_ListAnalyzers,
    .type = "AWS::AccessAnalyzer::Analyzer",
    .path = "analyzers",
    .id = "name",
    .name = "name",
    .arn = "arn",
};

static enum nz_err in_region(struct nz_collect *c, struct nz_str region)
{
    return nz_collect_list(c, &analyzers, region, NULL);
}

const struct nz_collector nz_collector_access_analyzer = {.round = 1, .region = in_region};
