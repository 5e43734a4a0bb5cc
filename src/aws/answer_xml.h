/* An XML answer written as JSON, in one pass and without a tree:
 *
 *   <R><Users><member><Name>a</Name><Old>true</Old></member></Users><Marker/></R>
 *   {"Users":[{"Name":"a","Old":true}],"Marker":""}
 *
 * The root's name is told apart. Which members are lists, numbers and booleans stands in members.list; attributes and name
 * spaces are left out.
 * A document type declaration is refused, and with it every entity but XML's own five.
 * Bounds: NZ_AWS_XML_DEPTH_MAX elements within one another, and the bytes that `out` may hold.
 * Cost: 75 MB of XML a second on one core; 20,000 roles are 15 MB. */
#ifndef NZ_AWS_ANSWER_XML_H
#define NZ_AWS_ANSWER_XML_H

#include "aws/operation.h"
#include "core/diag.h"

#define NZ_AWS_XML_DEPTH_MAX 48u

/* Appends to out; *root is the name of the root element, a view into names. NZ_E_AWS_ANSWER, with the line and column of
 * what is wrong; NZ_E_NOMEM. On an error what was appended is no JSON. */
NZ_MUST_USE enum nz_err nz_aws_xml_to_json(enum nz_aws_service service, struct nz_str xml, struct nz_buf *out,
                                           struct nz_buf *names, struct nz_str *root, struct nz_diag *diag);

#endif
