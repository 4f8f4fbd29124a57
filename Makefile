# Two commands: `make demo` and `make test`. They need git, make and Rust; scripts/setup installs the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

CARGO := cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
CARD_MAP := docs/cards/my-number.md

# The parts of `make test`, in this order.
PARTS := fmt lint mutants-apply unit reader docs generated forge-check no-std metal judge safety-fast bench swift kotlin login cross

# ---- what people run

.PHONY: help demo test setup release
help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

demo: ## the whole card in a terminal, without a card or a reader
	@scripts/setup build
	$(CARGO) build --locked --release -p kazasu-cli
	@$(TARGET)/release/kazasu demo

test: ## everything that CI runs; each part can be made alone
	@scripts/setup test
	@scripts/parts $(PARTS)

release: ## the command line as it is released: the same source and tools give the same bytes, in any folder
	@scripts/setup build
	@scripts/release

setup: ## install what `make test` needs, and nothing else
	@scripts/setup test

# ---- the parts

# $(call able,COMMAND,WHAT): exit code 69 is "something is missing here", which fails where CI runs and is said elsewhere.
able = @status=0; $(1) || status=$$?; \
	if [ "$$status" = 69 ] && [ "$${CI-}" != true ]; then \
	    echo 'NOT RUN: $(2), because of what is missing above. With CI=true this would be a failure.'; \
	else exit "$$status"; fi

.PHONY: $(PARTS)
fmt: ## part: the source is formatted
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path examples/bare-metal/Cargo.toml --check
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml --check
	$(CARGO) fmt --manifest-path examples/login/Cargo.toml --check

lint: ## part: no warning from clippy
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

mutants-apply: ## part: each mutation of `make mutants` can still be tried
	.ci/mutants --check

unit: ## part: the tests that need no reader
	$(CARGO) test --locked --workspace --no-fail-fast

# Built outside, because in there is no network. The second one ends its service, so it has one of its own.
reader: ## part: PC/SC transport and plug beside a real PC/SC service
	$(CARGO) test --locked -p kazasu-pcsc --no-run
	.ci/virtual-reader $(CARGO) test --locked --offline -p kazasu-pcsc --test virtual_reader -- --ignored --test-threads=1
	.ci/virtual-reader $(CARGO) test --locked --offline -p kazasu-pcsc --test service_ends -- --ignored
	$(CARGO) test --locked -p kazasu-cli --test record --no-run
	.ci/virtual-reader $(CARGO) test --locked --offline -p kazasu-cli --test record -- --ignored
	$(CARGO) test --locked -p kazasu-cli --test doctor --no-run
	.ci/virtual-reader $(CARGO) test --locked --offline -p kazasu-cli --test doctor -- --ignored

docs: ## part: the API documentation has no warning
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --locked --no-deps --workspace

generated: ## part: generated pages are what the tables say, the bindings what the bridge says, docs/api what the crates are
	@$(CARGO) run --quiet --locked -p kazasu-core --example card-map | diff -u $(CARD_MAP) - || \
	    { echo '$(CARD_MAP) is not what the tables say; make card-map writes it again' >&2; exit 1; }
	scripts/bindings --check
	$(call able,scripts/api --check,the API of the Rust crates)

forge-check: ## part: the demonstration cards come out of the forge byte for byte
	$(CARGO) run --locked -p kazasu-forge -- --check

# The proof is in the next part, which needs another compiler. This much can be asked anywhere.
no-std: ## part: nothing that core stands on has std or alloc switched on
	@features=$$($(CARGO) tree --locked -p kazasu-core --edges normal,features,no-proc-macro); \
	grep -q '^kazasu-core ' <<<"$$features"; \
	if grep -E 'feature "(std|alloc)"' <<<"$$features"; then exit 1; fi; \
	echo 'kazasu-core: neither std nor alloc'

metal: ## part: core runs on a bare Cortex-M4, without alloc, on a small stack
	$(call able,.ci/bare-metal,metal)

judge: ## part: programs that others wrote use the card, read what it signed, and ours uses PC/SC
	$(CARGO) build --locked -p kazasu-cli
	.ci/judge
	.ci/judge-documents
	.ci/judge-pdf

safety-fast: ## part: the promises, driven to their limits, in the fast form
	.ci/safety fast

bench: ## part: commands, bytes, allocations, stack, instructions and size have not grown
	.ci/bench

# ---- packages

.PHONY: swift kotlin login
swift: ## part: the Swift package built, tested, documented and compared with its API; NFC against a phone that is played
	@scripts/setup swift
	scripts/swift all

kotlin: ## part: the Kotlin library against the demonstration card, NFC against a fake phone, the AAR, a minified app
	@scripts/setup kotlin
	.ci/kotlin

login: ## part: the example server and its agent, the page in Chromium, tokens before verifiers that others wrote
	@scripts/setup login
	.ci/login

# After kotlin, whose classes are in the AAR.
cross: ## part: the bridge for iPhones and Android, a check, never released: sizes, imports, XCFramework, AAR, another Rust library
	$(call able,.ci/cross,cross)

# ---- long runs

.PHONY: safety fuzz mutants supply
safety: ## the promises, driven to their limits: every short sequence, forty million schedules, a minute of each fuzz target
	.ci/safety full

fuzz: ## every fuzz target for five minutes
	.ci/fuzz 300

mutants: ## breaks one promise at a time and shows which test turns red
	.ci/mutants

supply: ## licences, bans, sources, advisories, bill of materials, two builds with the same bytes; two tools are built first
	.ci/supply

# ---- what writes into the tree

.PHONY: card-map forge baseline
baseline: ## write bench/baseline.tsv
	.ci/bench --write

card-map: ## write docs/cards/my-number.md from the tables
	$(CARGO) run --quiet --locked -p kazasu-core --example card-map >$(CARD_MAP).new
	mv $(CARD_MAP).new $(CARD_MAP)

forge: ## write fixtures/cards
	$(CARGO) run --locked -p kazasu-forge
