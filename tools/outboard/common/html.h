/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_COMMON_HTML_H
#define OUTBOARD_COMMON_HTML_H

#include <stdio.h>

/** Write a text into a page so that it stays a text: what names and files say is not ours to trust. */
void ob_html_put(FILE *out, const char *text);

#endif
