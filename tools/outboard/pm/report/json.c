/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "../../common/json.h"
#include "report.h"

static cJSON *chip_json(const struct sim_bench_chip *chip)
{
    cJSON *item = cJSON_CreateObject();

    cJSON_AddNumberToObject(item, "erases", sim_bench_erases(&chip->counts));
    cJSON_AddNumberToObject(item, "erased_bytes", (double)chip->counts.erased_bytes);
    cJSON_AddNumberToObject(item, "programmed_bytes", (double)chip->counts.programmed_bytes);
    cJSON_AddNumberToObject(item, "max_wear", chip->data_wear);
    cJSON_AddNumberToObject(item, "max_wear_with_trailer", chip->max_wear);
    cJSON_AddNumberToObject(item, "max_wear_with_download", chip->total_wear);
    return item;
}

static cJSON *start_json(const struct pm_budget_row *row, enum sim_bench_start start)
{
    const struct sim_bench_cost *cost = &row->bench.start[start];
    cJSON *item = cost->done ? cJSON_CreateObject() : cJSON_CreateNull();

    if (cost->done) {
        cJSON_AddItemToObject(item, "primary", chip_json(&cost->chip[SIM_INTERNAL]));
        cJSON_AddItemToObject(item, "secondary", chip_json(&cost->chip[SIM_EXTERNAL]));
    }
    if (cost->done && row->timed) {
        cJSON_AddNumberToObject(item, "seconds", (double)sim_bench_ns(cost, SIM_TYPICAL) * 1e-9);
        cJSON_AddNumberToObject(item, "seconds_worst_case", (double)sim_bench_ns(cost, SIM_WORST) * 1e-9);
    }
    return item;
}

static cJSON *row_json(const struct pm_budget *budget, const struct pm_budget_row *row)
{
    cJSON *item = cJSON_CreateObject();

    cJSON_AddStringToObject(item, "mode", row->name);
    if (row->impossible != NULL) {
        cJSON_AddStringToObject(item, "impossible", row->impossible);
        return item;
    }
    cJSON_AddNumberToObject(item, "capacity", row->bench.capacity);
    cJSON_AddItemToObject(item, "upgrade", start_json(row, SIM_BENCH_UPGRADE));
    cJSON_AddItemToObject(item, "revert", start_json(row, SIM_BENCH_REVERT));
    if (row->timed) {
        cJSON_AddNumberToObject(item, "longest_operation_seconds", (double)row->longest_ns * 1e-9);
    }
    if (!row->first && pm_budget_updates(budget, row) != 0) {
        cJSON_AddNumberToObject(item, "updates", pm_budget_updates(budget, row));
    }
    return item;
}

static cJSON *budget_json(const struct pm_budget *budget)
{
    cJSON *item = cJSON_CreateObject();

    cJSON_AddStringToObject(item, "primary", budget->pair->primary.part->name->text);
    cJSON_AddStringToObject(item, "secondary", budget->pair->secondary.part->name->text);
    cJSON_AddStringToObject(item, "mode", pm_mode_name(budget->pair->mode));
    cJSON *modes = cJSON_AddArrayToObject(item, "modes");
    for (uint32_t i = 0; i < budget->row_count; i++) {
        cJSON_AddItemToArray(modes, row_json(budget, &budget->row[i]));
    }
    return item;
}

void pm_report_json(FILE *out, const struct pm_report *report)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *budgets = cJSON_AddArrayToObject(root, "budgets");

    for (uint32_t i = 0; i < report->budget_count; i++) {
        cJSON_AddItemToArray(budgets, budget_json(&report->budgets[i]));
    }
    cJSON *images = cJSON_AddArrayToObject(root, "images");
    for (uint32_t i = 0; i < report->use_count; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "image", report->uses[i].image);
        cJSON_AddNumberToObject(item, "bytes", (double)report->uses[i].bytes);
        cJSON_AddNumberToObject(item, "room", (double)report->uses[i].room);
        cJSON_AddItemToArray(images, item);
    }
    ob_json_print(out, root);
}
