/* SPDX-License-Identifier: Apache-2.0 */
/* What nodes say. */
#include <string.h>

#include "yaml.h"

const struct ob_yaml *ob_yaml_get(const struct ob_yaml *map, const char *key)
{
    if (map == NULL || map->kind != OB_YAML_MAP) {
        return NULL;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        if (strcmp(map->pairs[i].key->text, key) == 0) {
            return map->pairs[i].value;
        }
    }
    return NULL;
}

static bool is_null_text(const char *text)
{
    return text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 || strcmp(text, "Null") == 0 ||
           strcmp(text, "NULL") == 0;
}

bool ob_yaml_is_null(const struct ob_yaml *node)
{
    return node == NULL || (node->kind == OB_YAML_SCALAR && !node->quoted && is_null_text(node->text));
}

static unsigned digit_value(char digit)
{
    return digit <= '9' ? (unsigned)(digit - '0') : (unsigned)((digit | 0x20) - 'a') + 10;
}

/** YAML 1.1, which the SDK's tools read, allows underscores between digits. */
static bool parse_u64(const char *text, uint64_t *value)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    const char *allowed = hex ? "0123456789abcdefABCDEF_" : "0123456789_";
    uint64_t number = 0;

    if (digits[0] == '\0' || digits[0] == '_' || digits[strspn(digits, allowed)] != '\0') {
        return false;
    }
    if (!hex && digits[0] == '0' && digits[1] != '\0') {
        return false;
    }
    for (; *digits != '\0'; digits++) {
        bool overflow = *digits != '_' && (__builtin_mul_overflow(number, hex ? 16U : 10U, &number) ||
                                           __builtin_add_overflow(number, digit_value(*digits), &number));
        if (overflow) {
            return false;
        }
    }
    *value = number;
    return true;
}

bool ob_yaml_to_u64(const struct ob_yaml *node, uint64_t *value)
{
    return node->kind == OB_YAML_SCALAR && !node->quoted && parse_u64(node->text, value);
}

static bool scalars_equal(const struct ob_yaml *a, const struct ob_yaml *b)
{
    uint64_t left;
    uint64_t right;
    bool left_is_number = ob_yaml_to_u64(a, &left);
    bool right_is_number = ob_yaml_to_u64(b, &right);

    if (left_is_number || right_is_number) {
        return left_is_number && right_is_number && left == right;
    }
    return ob_yaml_is_null(a) == ob_yaml_is_null(b) && strcmp(a->text, b->text) == 0;
}

static bool maps_equal(const struct ob_yaml *a, const struct ob_yaml *b)
{
    for (uint32_t i = 0; i < a->count; i++) {
        const struct ob_yaml *other = ob_yaml_get(b, a->pairs[i].key->text);
        if (other == NULL || !ob_yaml_equal(a->pairs[i].value, other)) {
            return false;
        }
    }
    return true;
}

bool ob_yaml_equal(const struct ob_yaml *a, const struct ob_yaml *b)
{
    if (a == b) {
        return true;
    }
    if (a->kind != b->kind || a->count != b->count) {
        return false;
    }
    if (a->kind == OB_YAML_SCALAR) {
        return scalars_equal(a, b);
    }
    if (a->kind == OB_YAML_MAP) {
        return maps_equal(a, b);
    }
    for (uint32_t i = 0; i < a->count; i++) {
        if (!ob_yaml_equal(a->items[i], b->items[i])) {
            return false;
        }
    }
    return true;
}
