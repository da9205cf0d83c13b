#!/usr/bin/env bash
# Run the tests in every way that must not matter to them, and say how each ended: tests/ways.sh PYTHON [ARGUMENTS]
set -uo pipefail
report="" failed=0

way() { # NAME COMMAND...
	local name=$1 started=$SECONDS code=0
	shift
	echo "== $name"
	"$@" || code=$?
	report+="$(printf '%-40s exit %d, %d s' "$name" "$code" $((SECONDS - started)))"$'\n'
	[ "$code" = 0 ] || failed=1
}

way "float32" env IMGEN_PRECISION=32 "$@"
if "$1" -c "from imgen.training.hardware import bf16_here; raise SystemExit(not bf16_here())"; then
	way "bfloat16" env IMGEN_PRECISION=bf16 "$@"
fi
way "no vector instructions" env ATEN_CPU_CAPABILITY=default "$@"
way "as on a processor with AVX2 only" env ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2 "$@"
way "one thread" env OMP_NUM_THREADS=1 IMGEN_THREADS=1 "$@"

busy=()
trap 'kill "${busy[@]}" 2>/dev/null' EXIT
for _ in $(seq "$(nproc)"); do
	"$1" -c "while True: pass" &
	busy+=($!)
done
way "beside processes that keep all cores busy" "$@"
printf '\n%s' "$report"
exit "$failed"
