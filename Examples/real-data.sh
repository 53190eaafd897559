#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The main job on four public volumes:
#
#   Examples/real-data.sh DATA_DIR [DATABASE]
#
# Mitochondria of two tissues (EPFL hippocampus, SBEM brain) are learnt; four slices of a third (ventral nerve
# cord of Drosophila, x < 656) fine-tune that network, and train another from scratch for as many steps. Both,
# and the pretrained one as it is, predict the whole volume and are scored where no label was ever shown to
# them, x >= 704. DATA_DIR holds the folders epfl-hippocampus-fibsem, brain-sbem-cdeep3m,
# vnc-drosophila-sstem and hela-sbfsem. The database (default: real-data.vemdb in the current folder) must not
# exist yet.
#
# Variables: VEMDB (the program; default: what `make build` made), SEED (7), PRETRAIN_STEPS (400), STEPS (150).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vemdb=${VEMDB:-$here/.build/release/vemdb}
data=${1:?usage: Examples/real-data.sh DATA_DIR [DATABASE]}
export VEMDB_DATABASE=${2:-real-data.vemdb}
seed=${SEED:-7}
pretrain_steps=${PRETRAIN_STEPS:-400}
steps=${STEPS:-150}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# timed NAME COMMAND...: runs a command and keeps how long it took.
timed() {
  local name=$1 from=$SECONDS
  shift
  printf '\n$ vemdb %s\n' "$*" >&2
  "$vemdb" "$@"
  printf '%s\t%s\n' "$name" $((SECONDS - from)) >>"$scratch/times"
}

# 1. A database, and what was labelled by others.
timed init init "$VEMDB_DATABASE"
timed init dataset add epfl --organism "Mus musculus" --tissue "hippocampus CA1" --modality FIB-SEM \
  --citation "Lucchi et al., EPFL CVLab; labels: Casser et al. 2018"
timed init dataset add sbem --tissue brain --modality SBEM --citation "Haberl et al. 2018"
timed init dataset add vnc --organism "Drosophila melanogaster" --tissue "ventral nerve cord" \
  --modality ssTEM --licence "CC BY-NC-SA 3.0" --citation "Gerhard et al. 2013"
timed init dataset add hela --organism "Homo sapiens" --tissue "HeLa cell" --modality SBF-SEM \
  --citation "EMPIAR-10094"

epfl=$data/epfl-hippocampus-fibsem
timed ingest ingest image epfl/em "$epfl/train_raw_z000-055.tif" "$epfl/train_raw_z056-111.tif" \
  --voxel-size 5,5,5nm
timed ingest ingest labels epfl/mito "$epfl/train_mito_z000-055.tif" "$epfl/train_mito_z056-111.tif" \
  --like epfl/em --classes mito=1

sbem=$data/brain-sbem-cdeep3m
timed ingest ingest image sbem/em "$sbem/images" --voxel-size 40,5.9,5.9nm
timed ingest ingest labels sbem/mito "$sbem/labels" --like sbem/em --classes mito=1

vnc=$data/vnc-drosophila-sstem
timed ingest ingest image vnc/em "$vnc/raw" --voxel-size 50,4.6,4.6nm
timed ingest ingest labels vnc/mito "$vnc/mitochondria" --like vnc/em --classes mito=nonzero

# HeLa is four volumes, every second slice of 50 nm (the first: one slice alone), each with one labelled slice.
hela=$data/hela-sbfsem
for part in "a 1 1 1 50,10,10nm" "b 26 34 30 100,10,10nm" "c 56 64 60 100,10,10nm" "d 112 120 116 100,10,10nm"; do
  read -r name first last labelled voxel_size <<<"$part"
  files=()
  for number in $(seq "$first" 2 "$last"); do files+=("$hela/raw/z$(printf %04d "$number").tif"); done
  timed ingest ingest image "hela/em-$name" "${files[@]}" --voxel-size "$voxel_size"
  timed ingest ingest labels "hela/mito-$name" "$hela/mito_instances/z$(printf %04d "$labelled").tif" \
    --like "hela/em-$name" --at "z=$(((labelled - first) / 2))" --classes mito=nonzero --instances
done
timed list list

# 2. Learn: two tissues together, then four slices of a third; and those four slices alone.
timed split split vnc/mito --train x=0:656 --test x=704:1024
timed pretrain train two-tissues --pair epfl/em,epfl/mito --pair sbem/em,sbem/mito --class mito \
  --preset fast --steps "$pretrain_steps" --seed "$seed"
timed finetune finetune vnc-finetuned --from two-tissues --pair vnc/em,vnc/mito --class mito \
  --slices 4 --steps "$steps" --seed "$seed"
timed scratch train vnc-scratch --pair vnc/em,vnc/mito --class mito \
  --preset fast --slices 4 --steps "$steps" --seed "$seed"

# 3. Predict the whole volume with each, and score where nobody learnt.
for model in two-tissues vnc-finetuned vnc-scratch; do
  timed "predict-$model" predict "$model" --on vnc/em --as "vnc/by-$model"
  timed evaluate evaluate "vnc/by-$model" --against vnc/mito --region x=704:1024 --format csv \
    >"$scratch/$model.csv"
done

# 4. What is where, where it came from, and how it looks.
timed query query vnc --region z=0:10,y=0:512,x=704:1024 --class mito
timed log log vnc/by-vnc-finetuned
timed read read vnc/em --region z=10 --overlay vnc/by-vnc-finetuned -o "$VEMDB_DATABASE/../vnc-finetuned-z10.png"

# value MODEL METRIC: a number of an evaluation. The region before it holds commas, so columns count from the
# end: metric, value, reason.
value() {
  awk -F, -v metric="$2" '
    $(NF - 2) == metric { v = $(NF - 1); if (v == "") print "-"; else printf "%.3f", v; exit }
  ' "$scratch/$1.csv"
}
seconds() { awk -F '\t' -v name="$1" '$1 == name { s += $2 } END { print s + 0 }' "$scratch/times"; }

printf '\nVentral nerve cord, x >= 704 of 1024, all 20 slices; seed %s\n\n' "$seed"
printf '%-42s %6s %7s %10s %8s %9s %9s\n' network dice iou precision recall 'train s' 'predict s'
row() {
  printf '%-42s %6s %7s %10s %8s %9s %9s\n' "$2" "$(value "$1" dice)" "$(value "$1" iou_foreground)" \
    "$(value "$1" precision)" "$(value "$1" recall)" "$(seconds "$3")" "$(seconds "predict-$1")"
}
row two-tissues "pretrained, $pretrain_steps steps on EPFL + SBEM" pretrain
row vnc-finetuned "fine-tuned, $steps steps on 4 slices" finetune
row vnc-scratch "from scratch, $steps steps on the same" scratch
printf '\ningest %s s, query %s s, everything %s s; database: %s\n' \
  "$(seconds ingest)" "$(seconds query)" "$SECONDS" "$VEMDB_DATABASE"
