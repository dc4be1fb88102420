# SPDX-License-Identifier: MIT
# Builds and runs fuzzers, for GNU make: "make fuzz" and others call it from the
# build's top, with what configure found.
include Makefile

fuzz_all = $(fuzz_sources) $(fuzz_readers) pam_medusa_mfa/entry.c \
	protocol/wire.pb.c protocol/record.pb.c \
	$(protocol_libwire_la_SOURCES) $(lib_libbase_la_SOURCES) \
	$(lib_libclient_la_SOURCES) $(pam_medusa_mfa_libmodule_la_SOURCES) \
	$(verifier_libground_la_SOURCES) $(verifier_libverifier_la_SOURCES) \
	$(verifier_librunner_la_SOURCES) $(programs_libprogram_la_SOURCES) \
	$(programs_libmail_la_SOURCES) \
	$(filter utils/import/%,$(utils_libutils_la_SOURCES))
fuzz_cppflags = $(DEFS) -I. $(filter-out -U_FORTIFY% -D_FORTIFY%,$(AM_CPPFLAGS)) \
	$(CPPFLAGS) $(SODIUM_CFLAGS) $(INIH_CFLAGS) $(LIBCURL_CFLAGS) \
	$(PSKC_CFLAGS) $(ZBAR_CFLAGS)
fuzz_cflags = -std=gnu11 -O2 -g -fno-omit-frame-pointer
fuzz_sanitize = -fsanitize=address,undefined -fno-sanitize-recover=undefined
fuzz_libs = $(NANOPB_LIBS) $(SODIUM_LIBS) $(CRYPTO_LIBS) $(INIH_LIBS) \
	$(JANSSON_LIBS) $(LIBCURL_LIBS) $(fuzz_reader_libs)
fuzz_objects = $(patsubst %.c,fuzz/o/%.o,$(filter %.c,$(fuzz_all)))
fuzz_afl_objects = $(patsubst %.c,fuzz/afl/%.o,$(filter %.c,$(fuzz_all)))

fuzz/o/%.o: %.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(FUZZ_CC) $(fuzz_cppflags) \
	    $(fuzz_cflags) $(fuzz_sanitize) -fsanitize=fuzzer-no-link -c -o $@ $<
fuzz/afl/%.o: %.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && AFL_QUIET=1 $(FUZZ_AFL_CC) \
	    $(fuzz_cppflags) $(fuzz_cflags) -c -o $@ $<
fuzz/libfuzzed.a: $(fuzz_objects)
	$(AM_V_AR)rm -f $@ && $(AR) cr $@ $(fuzz_objects)
fuzz/libafl.a: $(fuzz_afl_objects)
	$(AM_V_AR)rm -f $@ && $(AR) cr $@ $(fuzz_afl_objects)
fuzz/fuzz_%: fuzz/libfuzzed.a tests/proof/fuzz/entry.c tests/proof/fuzz/mutate.c
	$(AM_V_CCLD)$(FUZZ_CC) $(fuzz_cppflags) $(fuzz_cflags) $(fuzz_sanitize) \
	    -fsanitize=fuzzer -DFUZZ_TARGET=fuzz_$* -o $@ \
	    $(srcdir)/tests/proof/fuzz/entry.c \
	    $(srcdir)/tests/proof/fuzz/mutate.c $(fuzz_wraps) \
	    fuzz/libfuzzed.a $(fuzz_libs)
fuzz/afl_%: fuzz/libafl.a tests/proof/fuzz/afl.c
	$(AM_V_CCLD)AFL_QUIET=1 $(FUZZ_AFL_CC) $(fuzz_cppflags) $(fuzz_cflags) \
	    -DFUZZ_TARGET=fuzz_$* -o $@ $(srcdir)/tests/proof/fuzz/afl.c \
	    $(fuzz_wraps) fuzz/libafl.a $(fuzz_libs)

fuzz_run = bash $(srcdir)/tests/proof/fuzz/run.sh
run-fuzz: $(FUZZ_TARGETS:%=fuzz/fuzz_%)
	$(fuzz_run) seconds $(FUZZ_SECONDS) $(FUZZ_TARGETS)
run-proof: $(FUZZ_TARGETS:%=fuzz/fuzz_%)
	FUZZ_LIMIT=$(FUZZ_LIMIT) $(fuzz_run) proof $(FUZZ_SHARE) $(FUZZ_TARGETS)
run-afl: $(FUZZ_TARGETS:%=fuzz/afl_%)
	$(fuzz_run) afl $(FUZZ_SECONDS) $(FUZZ_TARGETS)
.PHONY: run-fuzz run-proof run-afl
