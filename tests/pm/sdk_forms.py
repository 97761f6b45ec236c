# SPDX-License-Identifier: Apache-2.0
"""Random selections of partitions in the forms that the SDK's subsystems use: one file each, sizes and alignments at random.

layout_inputs(seed) gives regions, input files and perhaps a static file, always the same for a seed.
"""

import random
from dataclasses import dataclass, field

import yaml

PAGE = 0x1000


@dataclass
class Build:
    """What a build chose, on which the form of a file depends."""

    rng: random.Random
    tfm: bool
    mcuboot: bool
    first_stage: bool
    chip: bool
    images: int
    secure_block: int
    files: list[dict] = field(default_factory=list)

    def size(self, least: int = 1, most: int = 8, unit: int = PAGE) -> int:
        return unit * self.rng.randint(least, most)

    def maybe(self, chance: float = 0.5) -> bool:
        return self.rng.random() < chance


def word(build: Build, name: str):
    """A name, or a list of it: both are written."""
    return name if build.maybe() else [name]


def storage(build: Build, name: str, align: int | None = None, external: bool = True, least: int = 1) -> dict:
    """A library's storage at the end of flash, or in the chip: settings, NVS, ZMS, LittleFS, P-GPS, Memfault, a carrier's."""
    part: dict = {"placement": {"before": ["tfm_storage", "end"]}, "size": build.size(least, 16)}
    if external and build.chip and build.maybe(0.3):
        return {name: part | {"region": "external_flash"}}
    if build.tfm:
        part["placement"]["align"] = {"start": build.secure_block}
    elif align:
        part["placement"]["align"] = {"start": align}
    return {name: part | {"inside": ["nonsecure_storage"]}}


def at_end(build: Build, name: str, align: int | None, size: int, inside: bool = False) -> dict:
    part: dict = {"placement": {"before": word(build, "end")}, "size": size}
    if align:
        part["placement"]["align"] = {"start": align}
    return {name: part | ({"inside": ["nonsecure_storage"]} if inside else {})}


def after_app(build: Build) -> dict:
    """A radio stack's two, the second behind the first."""
    align = build.secure_block if build.tfm else PAGE
    first = {"placement": {"after": word(build, "app"), "align": {"start": align}}, "inside": ["nonsecure_storage"], "size": build.size(1, 8)}
    second = {"placement": {"after": ["zboss_nvram"]}, "inside": ["nonsecure_storage"], "size": build.size(1, 2)}
    if build.tfm:
        second["placement"]["align"] = {"start": build.secure_block}
    return {"zboss_nvram": first, "zboss_product_config": second}


def in_chip(build: Build, name: str) -> dict:
    part: dict = {"placement": {"before": ["end"]}, "region": "external_flash", "size": build.size(1, 64)}
    return {name: part | ({"align": PAGE} if build.maybe() else {})}


def tfm(build: Build) -> list[dict]:
    secure = {"tfm_sram": {"placement": {"after": ["start"]}, "inside": "sram_secure", "size": build.size(4, 16, 0x2000), "region": "sram_primary"},
              "tfm": {"placement": {"before": ["app"]}, "size": build.size(1, 6, 0x8000)} | ({"inside": "mcuboot_primary_app"} if build.mcuboot else {}),
              "tfm_secure": {"span": ["mcuboot_pad", "tfm"]}, "tfm_nonsecure": {"span": ["app"]}}
    if build.maybe(0.7):
        secure["tfm_storage"] = {"span": []}
        for name in ("tfm_ps", "tfm_its", "tfm_otp_nv_counters"):
            secure[name] = {"placement": {"before": "end", "align": {"start": build.secure_block}}, "inside": "tfm_storage", "size": build.size(1, 4, 0x2000)}
    secure["nonsecure_storage"] = {"span": []}
    zones = {"sram_secure": {"region": "sram_primary", "span": ["pcd_sram"]},
             "sram_nonsecure": {"region": "sram_primary", "span": ["sram_primary", "rpmsg_nrf53_sram"]}}
    return [secure, zones]


def modem(build: Build) -> dict:
    parts: dict = {"nrf_modem_lib_sram": {"span": [f"nrf_modem_lib_{name}" for name in ("ctrl", "tx", "rx", "trace")]}}
    anchor = ["tfm_sram", "spm_sram", "start"]
    for name in ("ctrl", "tx", "rx", "trace"):
        size = 0 if name == "trace" and build.maybe() else build.size(1, 8, 0x400)
        parts[f"nrf_modem_lib_{name}"] = {"placement": {"after": anchor}, "size": size, "region": "sram_primary", "inside": "sram_nonsecure"}
        anchor = [f"nrf_modem_lib_{name}"]
    return parts


def first_stage(build: Build) -> dict:
    block = build.rng.choice([PAGE, 0x8000])
    image = {"share_size": {"one_of": ["mcuboot", "s0_image"]}, "placement": {"after": ["s1_pad", "s0"], "align_next": block}}
    if not build.mcuboot:
        image["placement"]["align"] = {"start": block}
    return {"b0": {"size": build.size(7, 9), "placement": {"after": "start"}},
            "b0_container": {"span": ["b0", "provision"]},
            "s0_pad": {"share_size": "mcuboot_pad", "placement": {"after": "b0_container", "align": {"start": block}}},
            "app_image": {"span": ["tfm", "app"]},
            "s0_image": {"span": {"one_of": ["mcuboot", "app_image"]}},
            "s0": {"span": ["s0_pad", "s0_image"]},
            "s1_pad": {"share_size": "mcuboot_pad", "placement": {"after": "s0", "align": {"start": block}}},
            "s1_image": image,
            "s1": {"span": ["s1_pad", "s1_image"]},
            "provision": {"size": 0x1000, "placement": {"after": "b0", "align": {"start": PAGE}}}}


def bootloader(build: Build) -> dict:
    align = build.secure_block if build.tfm else PAGE
    outside = build.chip and build.maybe(0.7)
    pad = {"placement": {"before": ["mcuboot_primary_app"], "align": {"start": align}}, "size": 0x200}
    second = {"share_size": ["mcuboot_primary"], "placement": {"align": {"start": align}}}
    if outside:
        second["region"] = "external_flash"
    else:
        second["placement"] |= {"after": ["mcuboot_primary"], "align_next": align}
    parts = {"mcuboot": {"size": build.size(10, 16, 0x1000), "placement": {"before": ["mcuboot_primary"]}},
             "mcuboot_primary_app": {"span": ["app"]},
             "mcuboot_primary": {"span": ["mcuboot_pad", "mcuboot_primary_app"]},
             "mcuboot_pad": pad, "mcuboot_secondary": second}
    if not outside and build.maybe(0.4):
        parts["mcuboot_scratch"] = {"size": build.size(1, 30), "placement": {"after": ["app"], "align": {"start": align}}}
    if outside and build.images > 1:
        parts["mcuboot_primary_1"] = {"size": 0x40000, "region": "ram_flash"}
        parts["mcuboot_secondary_1"] = {"region": "external_flash", "share_size": ["mcuboot_primary_1"], "placement": {"align": {"start": align}}}
    return parts


def libraries(build: Build) -> list[dict]:
    every = [
        storage(build, "settings_storage", align=build.rng.choice([None, PAGE, 0x8000])),
        storage(build, "nvs_storage"), storage(build, "zms_storage"), storage(build, "littlefs_storage"),
        storage(build, "pgps", align=build.rng.choice([None, PAGE])), storage(build, "memfault_storage", align=PAGE, external=False),
        storage(build, "lwm2m_carrier", align=PAGE, external=False),
        at_end(build, "emds_storage", build.secure_block if build.tfm else None, build.size(1, 4), inside=True),
        at_end(build, "bt_fast_pair", 4, 0x48), at_end(build, "hw_unique_key_partition", None, PAGE), after_app(build),
        {"nrf5_mbr": {"placement": {"after": ["start"]}, "size": PAGE}} if not build.first_stage else {},
        {"vpr_launcher": {"placement": {"before": "app"}, "size": build.size(1, 4)}},
        {"rpmsg_nrf53_sram": {"placement": {"before": "end"}, "size": build.size(1, 16, PAGE), "region": "sram_primary"}},
        {"pcd_sram": {"placement": {"after": ["start"]}, "size": 0x2000, "region": "sram_primary"}} if not build.tfm else {}, modem(build),
    ]
    if build.chip:
        every += [in_chip(build, "fmfu_storage"), in_chip(build, "modem_trace"), {"external_data": {"region": "external_flash", "size": build.size(1, 64)}}]
    chosen = build.rng.sample(every, build.rng.randint(1, 7))
    return [parts for parts in chosen if parts] or [every[0]]


def as_text(build: Build, parts: dict) -> str:
    return yaml.safe_dump(parts, sort_keys=False, default_flow_style=build.rng.choice([None, False]))


def layout_inputs(seed: int) -> tuple[dict, list[str]]:
    """Regions, in the words of layout_case, and the texts of the input files."""
    rng = random.Random(seed)
    build = Build(rng, tfm=rng.random() < 0.3, mcuboot=rng.random() < 0.8, first_stage=rng.random() < 0.2, chip=rng.random() < 0.7,
                  images=rng.randint(1, 2), secure_block=rng.choice([PAGE, 0x4000, 0x8000]))
    files = ([first_stage(build)] if build.first_stage else []) + ([bootloader(build)] if build.mcuboot else [])
    own = libraries(build) + (tfm(build) if build.tfm else [])
    rng.shuffle(own)
    files = files + own if build.maybe(0.7) else own + files
    regions = {"sram_primary": {"size": 0x80000, "base": 0x20000000, "strategy": "complex", "dynamic": "sram_primary"},
               "flash_primary": {"size": 0x100000, "strategy": "complex", "dynamic": "app"}} # in the SDK's order: the last `app` counts
    if build.chip:
        regions["external_flash"] = {"size": 0x800000, "strategy": "start_to_end", "device": "chip"}
        regions["ram_flash"] = {"size": 0x40000, "strategy": "start_to_end", "device": "ram"}
    return regions, [as_text(build, parts) for parts in files]


def canonical(partitions: dict) -> str:
    """What a layout is compared by: every partition's region, address and size."""
    return "".join(f"{name} {part['region']} {part['address']:#x} {part['size']:#x}\n" for name, part in sorted(partitions.items()))
