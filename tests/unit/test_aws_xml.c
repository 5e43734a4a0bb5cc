/* aws: XML answers as JSON. */
#include "aws/answer_xml.h"
#include "core/json.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct converted {
    struct nz_buf out, names;
    struct nz_str root;
    struct nz_diag diag;
    enum nz_err err;
};

static struct converted convert(enum nz_aws_service service, struct nz_str xml)
{
    struct converted c = {.diag = NZ_DIAG_INIT};
    nz_buf_init(&c.out, 0);
    nz_buf_init(&c.names, 0);
    c.err = nz_aws_xml_to_json(service, xml, &c.out, &c.names, &c.root, &c.diag);
    return c;
}

static void converted_release(struct converted *c)
{
    nz_buf_release(&c->out);
    nz_buf_release(&c->names);
}

static void becomes(enum nz_aws_service service, const char *xml, const char *json)
{
    struct converted c = convert(service, nz_str_from_c(xml));
    if (c.err || !nz_str_eq(nz_buf_view(&c.out), nz_str_from_c(json)))
        fail_msg("%s\ngave %s %s\n%.*s\ninstead of\n%s", xml, nz_err_name(c.err), c.diag.text, (int)c.out.n, c.out.p,
                 json);
    struct nz_json_doc doc;
    struct nz_json root;
    nz_json_doc_init(&doc);
    assert_int_equal(nz_json_parse(&doc, nz_buf_view(&c.out), &root, NULL), NZ_OK);
    nz_json_doc_release(&doc);
    converted_release(&c);
}

static void query_answers(void **state)
{
    (void)state;
    becomes(NZ_AWS_IAM,
            "<?xml version='1.0'?><ListVirtualMFADevicesResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'>\n"
            " <ListVirtualMFADevicesResult> <IsTruncated>false</IsTruncated>\n <VirtualMFADevices>\n  <member>"
            "<SerialNumber>arn:aws:iam::1:mfa/a &amp; &#x3042;</SerialNumber><User><Tags/></User></member>\n"
            "  <member/> </VirtualMFADevices></ListVirtualMFADevicesResult></ListVirtualMFADevicesResponse>",
            "{\"ListVirtualMFADevicesResult\":{\"IsTruncated\":false,\"VirtualMFADevices\":[{\"SerialNumber\":"
            "\"arn:aws:iam::1:mfa/a & \xe3\x81\x82\",\"User\":{\"Tags\":[]}},\"\"]}}");
    becomes(NZ_AWS_IAM,
            "<R><SummaryMap><entry><key>Users</key><value>12</value></entry> <entry><key>Groups</key><value>x</value>"
            "</entry></SummaryMap><After>1</After></R>",
            "{\"SummaryMap\":{\"Users\":12,\"Groups\":\"x\"},\"After\":\"1\"}");
    becomes(NZ_AWS_IAM, "<R><SummaryMap/><Policies></Policies><IsAttachable>TRUE</IsAttachable></R>",
            "{\"SummaryMap\":{},\"Policies\":[],\"IsAttachable\":true}");
    becomes(NZ_AWS_CLOUDWATCH, "<R><Threshold>1.0</Threshold><Period>-5e+3</Period><Metrics/></R>",
            "{\"Threshold\":1.0,\"Period\":-5e+3,\"Metrics\":[]}");
    becomes(NZ_AWS_CLOUDWATCH, "<R><Threshold>1.</Threshold><Period>e5</Period><Metrics>-</Metrics></R>",
            "{\"Threshold\":\"1.\",\"Period\":\"e5\",\"Metrics\":\"-\"}");
    becomes(NZ_AWS_IAM, "<R><MaxPasswordAge>010</MaxPasswordAge><IsTruncated>perhaps</IsTruncated></R>",
            "{\"MaxPasswordAge\":\"010\",\"IsTruncated\":\"perhaps\"}");
}

static void lists_that_no_table_knows(void **state)
{
    (void)state;
    becomes(NZ_AWS_IAM, "<R><News><member>a</member><member>b</member></News></R>", "{\"News\":[\"a\",\"b\"]}");
    becomes(NZ_AWS_EC2, "<R><newSet><item><x>1</x></item></newSet></R>", "{\"newSet\":[{\"x\":\"1\"}]}");
    becomes(NZ_AWS_IAM, "<R><member>a</member></R>", "{\"member\":\"a\"}"); /* a root is an object */
}

static void repeated_members_share_an_array(void **state)
{
    (void)state;
    becomes(
        NZ_AWS_S3,
        "<LifecycleConfiguration><Rule><ID>a</ID><Filter/><Transition><Days>3</Days></Transition>"
        "<Transition><Days>30</Days></Transition><Status>Enabled</Status></Rule><Rule><Filter><And><Tag><Key>k</Key>"
        "</Tag><Tag><Key>l</Key></Tag></And></Filter></Rule></LifecycleConfiguration>",
        "{\"Rule\":[{\"ID\":\"a\",\"Filter\":{},\"Transition\":[{\"Days\":3},{\"Days\":30}],\"Status\":\"Enabled\"},"
        "{\"Filter\":{\"And\":{\"Tag\":[{\"Key\":\"k\"},{\"Key\":\"l\"}]}}}]}");
    becomes(NZ_AWS_S3,
            "<ObjectLockConfiguration><Rule><DefaultRetention><Days>1</Days></DefaultRetention></Rule></"
            "ObjectLockConfiguration>",
            "{\"Rule\":{\"DefaultRetention\":{\"Days\":1}}}");
    becomes(NZ_AWS_S3, "<R><Rule>a</Rule><Rule>b</Rule><Other/></R>", "{\"Rule\":[\"a\",\"b\"],\"Other\":\"\"}");
}

static void roots(void **state)
{
    (void)state;
    becomes(NZ_AWS_S3, "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>", "{}");
    becomes(NZ_AWS_S3, "<LocationConstraint>eu-west-1</LocationConstraint>", "\"eu-west-1\"");
    struct converted c = convert(NZ_AWS_S3, NZ_STR("<Error><Code>NoSuchBucket</Code></Error>"));
    assert_true(nz_str_eq(c.root, NZ_STR("Error")));
    converted_release(&c);
}

static void refused(const char *xml, const char *why, uint32_t line)
{
    struct converted c = convert(NZ_AWS_IAM, nz_str_from_c(xml));
    assert_int_equal(c.err, NZ_E_AWS_ANSWER);
    assert_string_equal(c.diag.text, why);
    assert_int_equal(c.diag.line, line);
    converted_release(&c);
}

static void what_is_no_answer(void **state)
{
    (void)state;
    static const char doctype[] = "a document type declaration, which AWS never sends";
    refused("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", doctype, 2);
    refused("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", doctype, 1);
    refused("<!doctype html><html></html>", "syntax error", 1);
    refused("<a>&b;</a>", "undefined entity", 1);
    refused("<a>\n<b></a>", "mismatched tag", 2);
    refused("<a><b>", "no element found", 1);
    refused("", "no element found", 1);
    refused("<a/><b/>", "junk after document element", 1);
    refused("<R><SummaryMap><entry><value>1</value></entry></SummaryMap></R>", "an entry has no key before its value",
            1);
    refused("<R><SummaryMap><entry><key>a</key><key>b</key></entry></SummaryMap></R>", "an entry has two keys", 1);
    refused("<R><SummaryMap><entry/></SummaryMap></R>", "an entry has no value", 1);
    refused("<R><SummaryMap><entry><key>a</key></entry></SummaryMap></R>", "an entry has no value", 1);
    refused("<R><SummaryMap><entry><key>a<b/></key></entry></SummaryMap></R>", "a key of an entry is no text", 1);
    refused("<R><SummaryMap><entry><key>a</key><value>1</value><value>2</value></entry></SummaryMap></R>",
            "an entry has two values", 1);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    struct nz_buf xml;
    nz_buf_init(&xml, 0);
    for (unsigned i = 0; i <= NZ_AWS_XML_DEPTH_MAX; i++)
        nz_buf_append(&xml, NZ_STR("<a>"));
    struct converted c = convert(NZ_AWS_IAM, nz_buf_view(&xml));
    assert_int_equal(c.err, NZ_E_AWS_ANSWER);
    assert_string_equal(c.diag.text, "XML is nested too deeply");
    converted_release(&c);
    nz_buf_release(&xml);
}

static const char whole[] =
    "<R><Policies><member><IsAttachable>true</IsAttachable></member></Policies><SummaryMap><entry>"
    "<key>a</key><value>1</value></entry></SummaryMap><Rule>x</Rule></R>";

static void cut_at_every_byte(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        struct converted c = convert(NZ_AWS_IAM, nz_str_of(whole, n));
        assert_int_equal(c.err, NZ_E_AWS_ANSWER);
        converted_release(&c);
    }
}

static void each_allocation_fails(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        nz_fault_arm(nth);
        struct converted c = convert(NZ_AWS_IAM, nz_str_from_c(whole));
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        converted_release(&c);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
        assert_int_equal(c.err, NZ_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_answers),
        cmocka_unit_test(lists_that_no_table_knows),
        cmocka_unit_test(repeated_members_share_an_array),
        cmocka_unit_test(roots),
        cmocka_unit_test(what_is_no_answer),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
