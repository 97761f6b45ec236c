/* SPDX-License-Identifier: Apache-2.0 */
/* The least that a bootloader can start. */
int main(void)
{
    return 0;
}
