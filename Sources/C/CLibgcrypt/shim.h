#pragma once
#include <gcrypt.h>
// gcry_control takes a variable number of arguments, which Swift cannot call.
static inline void kscmirror_finish_initialisation(void) {
  if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
  }
}
