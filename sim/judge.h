/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SIM_JUDGE_H
#define OUTBOARD_SIM_JUDGE_H

#include "world.h"

/*
 * Whether the promises hold. Each of these says so with sim_world_fail() if one does not. Here alone the simulator
 * reads what the bootloader stores: where it is half done, and what it says of itself.
 */

/** What was started must be an image whose bytes the watcher knows, and one that the history allows. */
void sim_judge_running(struct sim_world *world);

/** Only a job that is half done, on a failing external chip, excuses a start that starts nothing; or a blank device. */
void sim_judge_refused_start(struct sim_world *world);

/** Nothing ever ran, and nothing is surely asked for. */
bool sim_judge_blank(const struct sim_world *world);

/** A cell is worn that both images need, or there is, or the mode keeps, nothing to go back to: it may try for ever. */
bool sim_judge_beyond_repair(const struct sim_world *world);

/** No cell outside reads as it pleases where images lie. */
bool sim_judge_images_are_steady(const struct sim_world *world);

/** Without a way back, what is asked for lies in cells that read as they please: right when they are verified, and
 * otherwise when they are copied. docs/SIMULATOR.md, "What is not promised". */
bool sim_judge_source_flickers(const struct sim_world *world);

/** After a start that met no trouble nothing is half done, however metastable cells read. */
void sim_judge_settled(struct sim_world *world);

/** The record tells the last installation, how it came to it, and what was before: in order, and nothing else. */
void sim_judge_record(struct sim_world *world);

/** With a worn cell: of what was asked for and not done, or could not be asked for, the record says why. */
void sim_judge_told_why(struct sim_world *world);

/** The library's answer must be one that the history allows. Called while the application runs. */
void sim_judge_answer(struct sim_world *world);

/** However a stage ended: the chips must have been treated well in it, and it must come to rest. */
void sim_judge_stage(struct sim_world *world);

/** The power failed in a start: if flash may read as if all was complete, that is one of the possible truths. */
void sim_judge_credit_completed(struct sim_world *world);

/** What follows is left to chance: docs/SIMULATOR.md, "What is not promised". */
bool sim_judge_left_to_chance(const struct sim_world *world);

/** In dual mode the copy of what runs is gone: going back that meets a worn cell has nothing to put back. */
bool sim_judge_cannot_undo(const struct sim_world *world);

/** A request of some image may be read, or not: who erases a slot without withdrawing it first risks that.
 */
bool sim_judge_ghostly(const struct sim_world *world);

#endif
