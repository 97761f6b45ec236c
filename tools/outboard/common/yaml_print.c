/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "yaml.h"

/* Words that a YAML 1.1 reader, such as the SDK's scripts, takes for a boolean or for nothing. */
static const char *const special_words[] = {
    "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no",
    "No",   "NO",   "on",   "On",   "ON",   "off",  "Off",   "OFF",   "y",     "Y",   "n",   "N",
};

static bool is_special_word(const char *text)
{
    for (size_t i = 0; i < sizeof(special_words) / sizeof(special_words[0]); i++) {
        if (strcmp(text, special_words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/** Plain text that every YAML reader takes for text: starts with a letter, `_` or `/`, then a safe set. */
static bool is_plain_text(const char *text)
{
    const char *first = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
    const char *rest = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/0123456789-.()@+";

    return text[0] != '\0' && strchr(first, text[0]) != NULL && strspn(text, rest) == strlen(text) &&
           !is_special_word(text);
}

static void print_escaped(FILE *out, unsigned char c)
{
    if (c == '"' || c == '\\') {
        fprintf(out, "\\%c", c);
    } else if (c < 0x20 || c == 0x7f) {
        fprintf(out, "\\x%02x", c);
    } else {
        fputc(c, out);
    }
}

void ob_yaml_print_text(FILE *out, const char *text)
{
    if (is_plain_text(text)) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (const char *c = text; *c != '\0'; c++) {
        print_escaped(out, (unsigned char)*c);
    }
    fputc('"', out);
}

static void print_scalar(FILE *out, const struct ob_yaml *node)
{
    uint64_t value;

    if (ob_yaml_to_u64(node, &value)) {
        fprintf(out, " 0x%llx\n", (unsigned long long)value);
    } else if (ob_yaml_is_null(node)) {
        fputs(" null\n", out);
    } else if (!node->quoted && strchr(node->text, '\n') == NULL) {
        fprintf(out, " %s\n", node->text); /* was plain when read, is plain again */
    } else {
        fputc(' ', out);
        ob_yaml_print_text(out, node->text);
        fputc('\n', out);
    }
}

static void print_map(FILE *out, const struct ob_yaml *node, int indent)
{
    fputs(node->count == 0 ? " {}\n" : "\n", out);
    for (uint32_t i = 0; i < node->count; i++) {
        fprintf(out, "%*s", indent, "");
        ob_yaml_print_text(out, node->pairs[i].key->text);
        fputc(':', out);
        ob_yaml_print(out, node->pairs[i].value, indent + 2);
    }
}

void ob_yaml_print(FILE *out, const struct ob_yaml *node, int indent)
{
    switch (node->kind) {
    case OB_YAML_SCALAR:
        print_scalar(out, node);
        break;
    case OB_YAML_MAP:
        print_map(out, node, indent);
        break;
    case OB_YAML_LIST:
        fputs(node->count == 0 ? " []\n" : "\n", out);
        for (uint32_t i = 0; i < node->count; i++) {
            fprintf(out, "%*s-", indent, "");
            ob_yaml_print(out, node->items[i], indent + 2);
        }
        break;
    }
}
