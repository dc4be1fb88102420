/* SPDX-License-Identifier: MIT */
#include "tests/proof/fuzz/fuzz.h"

extern const struct fuzz_target fuzz_record, fuzz_slot, fuzz_store,
    fuzz_request, fuzz_reply, fuzz_args, fuzz_config, fuzz_policy, fuzz_typed,
    fuzz_base32, fuzz_otpauth, fuzz_google, fuzz_oath, fuzz_lines,
    fuzz_outside, fuzz_errors, fuzz_delivery, fuzz_notice, fuzz_event,
    fuzz_mailconf, fuzz_subject, fuzz_id, fuzz_network, fuzz_module,
    fuzz_verifier;
/* Where their libraries are. */
extern const struct fuzz_target fuzz_pskc __attribute__((weak));
extern const struct fuzz_target fuzz_qr __attribute__((weak));

const struct fuzz_target *const fuzz_targets[] = {
	&fuzz_record, &fuzz_slot, &fuzz_store, &fuzz_request, &fuzz_reply,
	&fuzz_args, &fuzz_config, &fuzz_policy, &fuzz_typed, &fuzz_base32,
	&fuzz_otpauth, &fuzz_google, &fuzz_oath, &fuzz_lines, &fuzz_outside,
	&fuzz_errors, &fuzz_delivery, &fuzz_notice, &fuzz_event,
	&fuzz_mailconf, &fuzz_subject, &fuzz_id, &fuzz_network,
	&fuzz_module, &fuzz_verifier, &fuzz_pskc, &fuzz_qr, NULL,
};
