/* A small user of the installed library: what a packager or another program sees of it. Finds one root sign-in with the
 * built-in rules. */
#include <nezuban/detect.h>
#include <nezuban/version.h>

#include <stdio.h>
#include <string.h>

static const char record[] =
    "{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"Root\",\"principalId\":\"111122223333\","
    "\"arn\":\"arn:aws:iam::111122223333:root\",\"accountId\":\"111122223333\"},\"eventTime\":\"2024-05-01T00:00:00Z\","
    "\"eventSource\":\"signin.amazonaws.com\",\"eventName\":\"ConsoleLogin\",\"awsRegion\":\"us-east-1\","
    "\"sourceIPAddress\":\"203.0.113.5\",\"responseElements\":{\"ConsoleLogin\":\"Success\"},"
    "\"additionalEventData\":{\"MFAUsed\":\"No\"},\"eventID\":\"e0000000-0000-4000-8000-000000000001\","
    "\"eventType\":\"AwsConsoleSignIn\",\"recipientAccountId\":\"111122223333\"}";

static void count(void *self, const char *json, size_t bytes)
{
    unsigned *findings = self;
    (*findings)++;
    printf("%.*s\n", (int)bytes, json);
}

int main(void)
{
    struct nz_library_detector *detector;
    char why[256];
    unsigned findings = 0;
    puts(nz_version());
    if (nz_library_detector_new(NULL, 0, &detector, why, sizeof why) != 0) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    int err = nz_library_detector_feed(detector, "sign-in.json", record, strlen(record));
    if (err == 0)
        err = nz_library_detector_finish(detector, count, &findings);
    int bad = err != 0 || findings == 0 || nz_library_detector_skipped(detector) != 0 ||
              nz_library_detector_refused(detector) != 0;
    nz_library_detector_free(detector);
    return bad;
}
