#include "cli/exit.h"

void nz_outcome_add(struct nz_outcome *outcome, enum nz_err err, bool stop_requested)
{
    switch (nz_err_class(err)) {
    case NZ_CLASS_OK:
        return;
    case NZ_CLASS_USAGE:
    case NZ_CLASS_INPUT:
    case NZ_CLASS_LIMIT:
    case NZ_CLASS_SYSTEM:
        outcome->bad = true;
        return;
    case NZ_CLASS_STOP:
        if (err == NZ_E_STOPPED && stop_requested)
            outcome->stopped = true;
        else
            outcome->bad = true;
        return;
    case NZ_CLASS_BUG:
        outcome->bug = true;
        return;
    }
    outcome->bug = true;
}

enum nz_exit nz_outcome_exit(const struct nz_outcome *outcome)
{
    if (outcome->bug)
        return NZ_EXIT_BUG;
    if (outcome->stopped)
        return NZ_EXIT_STOPPED;
    if (outcome->bad)
        return NZ_EXIT_BAD;
    if (outcome->unknown)
        return NZ_EXIT_UNKNOWN;
    return outcome->findings ? NZ_EXIT_FINDINGS : NZ_EXIT_OK;
}
