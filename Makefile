# SPDX-License-Identifier: Apache-2.0
# Two commands: `make demo` shows what outboard does, `make test` proves it. Both set the machine up first.
# The rest is for daily work; `make help` lists it.

SHELL := /bin/bash
JOBS ?= $(shell nproc)

.PHONY: help setup setup-test host host-sanitize demo test proof prove fuzz fidelity mcumgr coverage-binary bench bench-upload wheel site format clean

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 18

setup: ## Debian packages, Python tools and third-party sources
	@scripts/setup.sh

setup-test: ## what the tests need beyond that
	@scripts/setup.sh test

host: setup ## the host program, build/host/tools/outboard/outboard
	@scripts/build-host.sh build/host

host-sanitize: setup-test ## the same and the unit tests, with sanitizers
	@scripts/build-host.sh build/host-sanitize -DOB_SANITIZE=ON

demo: host ## an update through external flash on an emulated board, a power cut included
	@build/deps/venv/bin/python scripts/demo.py

test: setup-test host host-sanitize ## the tests; ends with `N passed, N failed`
	@build/deps/venv/bin/python scripts/test.py

proof: host ## the power cut everywhere, and the tests that take long: some hours of one processor; SHARD=I/N does a part
	@scripts/proof.sh $(if $(DEEP),--deep) --jobs $(JOBS) $(addprefix --shard ,$(SHARD))

prove: ## no run-time error in what reads hostile bytes: Frama-C; some minutes
	@scripts/setup.sh prove && scripts/prove.sh $(PARTS)

fuzz: setup-test ## let libFuzzer look for inputs that break a promise, a minute; SECONDS=N
	@scripts/fuzz.sh $(or $(SECONDS),60)

fidelity: setup-test host ## virtual boards against drivers in Rust and register tables that nobody here wrote; three minutes the first time
	@scripts/fidelity.sh

mcumgr: setup-test host ## the program mcumgr (Go) against bootloader and application, on QEMU and both virtual DKs; MCUMGR=<program> takes yours
	@scripts/mcumgr.sh

coverage-binary: host ## what of the linked bootloader no run on a virtual board executes, and its deepest stack; some minutes
	@build/deps/venv/bin/python scripts/coverage_binary.py --jobs $(JOBS) $(BOARDS)

bench: host ## code size, RAM, stack, erases, bytes and time of an update
	@build/deps/venv/bin/python scripts/bench.py

bench-upload: setup-test host ## how quick smpmgr's uploads are, and the first answer: board's time on virtual boards, this machine's on QEMU
	@build/deps/venv/bin/python scripts/bench_upload.py $(BOARDS)

wheel: setup ## the host program as a wheel that needs no library but libc, in build/dist
	@scripts/setup.sh wheel && scripts/wheel.sh build/dist

site: setup-test host ## the documentation site, in build/site/html: pages, search, all symbols and functions
	@scripts/setup.sh site && build/deps/venv/bin/python scripts/site/make.py

format: ## lay out all C files
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean: ## forget all but build/deps
	@find build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} +
