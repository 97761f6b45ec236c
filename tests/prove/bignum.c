/* SPDX-License-Identifier: Apache-2.0 */
/* Mbed TLS' arithmetic: reads what it is given, writes where it may, and comes to anything. */
#include <__fc_builtin.h>

#include <outboard/digest.h>

#include "any.h"
#include "bignum_core.h"

mbedtls_mpi_uint mbedtls_mpi_core_montmul_init(const mbedtls_mpi_uint *N)
{
    return N[0];
}

mbedtls_ct_condition_t mbedtls_mpi_core_lt_ct(const mbedtls_mpi_uint *A, const mbedtls_mpi_uint *B, size_t limbs)
{
    //@ assert \valid_read(A + (0 .. limbs - 1)) && \valid_read(B + (0 .. limbs - 1));
    (void)A;
    (void)B;
    (void)limbs;
    return any_bool() ? MBEDTLS_CT_TRUE : MBEDTLS_CT_FALSE;
}

void mbedtls_mpi_core_to_mont_rep(mbedtls_mpi_uint *X, const mbedtls_mpi_uint *A, const mbedtls_mpi_uint *N,
                                  size_t AN_limbs, mbedtls_mpi_uint mm, const mbedtls_mpi_uint *rr, mbedtls_mpi_uint *T)
{
    //@ assert \valid_read(A + (0 .. AN_limbs - 1)) && \valid_read(N + (0 .. AN_limbs - 1));
    //@ assert \valid_read(rr + (0 .. AN_limbs - 1));
    (void)A;
    (void)N;
    (void)mm;
    (void)rr;
    Frama_C_make_unknown((char *)X, AN_limbs * sizeof(*X));
    Frama_C_make_unknown((char *)T, (2 * AN_limbs + 1) * sizeof(*T));
}

void mbedtls_mpi_core_from_mont_rep(mbedtls_mpi_uint *X, const mbedtls_mpi_uint *A, const mbedtls_mpi_uint *N,
                                    size_t AN_limbs, mbedtls_mpi_uint mm, mbedtls_mpi_uint *T)
{
    mbedtls_mpi_core_to_mont_rep(X, A, N, AN_limbs, mm, A, T);
}

void mbedtls_mpi_core_exp_mod(mbedtls_mpi_uint *X, const mbedtls_mpi_uint *A, const mbedtls_mpi_uint *N,
                              size_t AN_limbs, const mbedtls_mpi_uint *E, size_t E_limbs, const mbedtls_mpi_uint *RR,
                              mbedtls_mpi_uint *T)
{
    //@ assert \valid_read(E + (0 .. E_limbs - 1));
    (void)E;
    (void)E_limbs;
    mbedtls_mpi_core_to_mont_rep(X, A, N, AN_limbs, 0, RR, T);
    Frama_C_make_unknown((char *)T, (((1u << MBEDTLS_MPI_WINDOW_SIZE) + 3) * AN_limbs + 1) * sizeof(*T));
}

void mbedtls_mpi_core_montmul(mbedtls_mpi_uint *X, const mbedtls_mpi_uint *A, const mbedtls_mpi_uint *B, size_t B_limbs,
                              const mbedtls_mpi_uint *N, size_t AN_limbs, mbedtls_mpi_uint mm, mbedtls_mpi_uint *T)
{
    //@ assert \valid_read(B + (0 .. B_limbs - 1));
    (void)B;
    (void)B_limbs;
    mbedtls_mpi_core_to_mont_rep(X, A, N, AN_limbs, mm, A, T);
}
