/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_VERSION_H
#define OUTBOARD_VERSION_H

/** Of this source tree. CMake reads it from here. */
#define OB_VERSION "0.1.0"

#endif
