/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_COMMANDS_H
#define OUTBOARD_COMMANDS_H

/*
 * One entry per subcommand. Each is in the folder of its name and in the program if that folder is.
 *
 * @param argv argv[0] is "outboard <name>", for messages
 * @return an enum ob_exit
 */
int ob_cmd_board(int argc, char **argv);
int ob_cmd_dt(int argc, char **argv);
int ob_cmd_flash(int argc, char **argv);
int ob_cmd_image(int argc, char **argv);
int ob_cmd_pm(int argc, char **argv);
int ob_cmd_sim(int argc, char **argv);

#endif
