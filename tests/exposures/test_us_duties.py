"""The duty of the United States, worked by hand from the published rates, lists and days.

Each case says how its rates add up. Ordinary rates (MFN) are those of the 2025 schedule of the US International Trade
Commission; days and rates of authorities are those of the proclamations and orders named, and of chapter 99.
"""

from __future__ import annotations

import csv
import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import entrepot as ep
from conftest import SHARED_ROOT
from entrepot.exposures.levies import DutyConditions, LawOfDay
from entrepot.exposures.stacking import load_stacking
from entrepot.exposures.tariff_lines import bundled_lines, specific_part
from entrepot.languages import speaking
from entrepot.rules.book import statutes

CAR, SHIRT, PLASTIC, COFFEE = "8703.23.01", "6109.10.00", "3926.90.99", "0901.11.00"
NOT_CLAIMED = {"preference": False}

CASES = [
    # ---- Section 232, cars: MFN 2.5%; Proclamation 10908: 25% from 3 April 2025
    (CAR, "JPN", "2025-04-02", {}, 0.025, 0.025),  # MFN alone on the day before
    (CAR, "JPN", "2025-04-03", {}, 0.275, 0.275),  # 2.5 + 25
    (CAR, "JPN", "2025-09-15", {}, 0.275, 0.275),  # 2.5 + 25 on the last day before EO 14345
    (CAR, "JPN", "2025-09-16", {}, 0.15, 0.15),  # 15% all together: 2.5 + 12.5
    (CAR, "DEU", "2025-07-31", {}, 0.275, 0.275),  # 2.5 + 25
    (CAR, "DEU", "2025-08-01", {}, 0.275, 0.15),  # notice of 25 September: 15% back to 1 August; 27.5% was paid
    (CAR, "DEU", "2025-09-24", {}, 0.275, 0.15),  # the last day before the notice
    (CAR, "DEU", "2025-09-25", {}, 0.15, 0.15),  # 15% all together
    (CAR, "KOR", "2025-10-31", {}, 0.25, 0.25),  # KORUS: free, + 25
    (CAR, "KOR", "2025-11-01", {}, 0.25, 0.15),  # notice of 4 December: 15% back to 1 November
    (CAR, "KOR", "2025-12-03", {}, 0.25, 0.15),
    (CAR, "KOR", "2025-12-04", {}, 0.15, 0.15),  # 15% all together, of which nothing is ordinary duty
    (CAR, "GBR", "2025-06-29", {}, 0.275, 0.275),  # 2.5 + 25
    (CAR, "GBR", "2025-06-30", {}, 0.10, 0.10),  # EO 14309: 10% all together within 100,000 cars a year
    (CAR, "GBR", "2025-06-30", {"in_quota": False}, 0.275, 0.275),  # beyond the quota: 2.5 + 25
    (CAR, "MEX", "2026-03-15", {}, 0.25, 0.25),  # USMCA: free, + 25 on all that is not US content, here everything
    (CAR, "MEX", "2026-03-15", {"us_content": 0.4}, 0.15, 0.15),  # 25 x (1 - 0.4)
    (CAR, "MEX", "2026-03-15", NOT_CLAIMED, 0.275, 0.275),  # 2.5 + 25; section 122 leaves section 232 alone
    ("8704.21.01", "JPN", "2026-03-15", {}, 0.25, 0.25),  # light truck, MFN 25%: above 15%, so nothing is added
    ("8704.21.01", "KOR", "2025-12-04", {}, 0.25, 0.25),  # no KORUS rate: MFN 25% is above 15%
    (CAR, "CAN", "2026-08-19", {}, 0.25, 0.25),  # the 50% of section 338 is reported and not counted
    (CAR, "DEU", "2026-07-04", {}, 0.15, 0.15),  # the 25% announced for that day is not counted
    # ---- car parts: 8512.20.20 (US note 33(g)), MFN free; 25% from 3 May 2025
    ("8512.20.20", "JPN", "2025-05-02", {}, 0.10, 0.10),  # reciprocal 10
    ("8512.20.20", "JPN", "2025-05-03", {}, 0.25, 0.25),  # 25, and the reciprocal duty leaves section 232 alone
    ("8512.20.20", "JPN", "2025-09-16", {}, 0.15, 0.15),  # 15% all together
    ("8512.20.20", "GBR", "2025-06-30", {}, 0.10, 0.10),  # heading 9903.94.32: 10% all together
    ("8512.20.20", "MEX", "2026-03-15", {}, 0.0, 0.0),  # USMCA parts pay nothing (9903.94.06; 9903.03.08)
    ("8512.20.20", "CHN", "2026-03-15", {}, 0.50, 0.50),  # 301 list 3: 25, + 25
    ("8512.20.20", "JPN", "2026-03-15", {"vehicle_part": False}, 0.10, 0.10),  # no part of a vehicle: section 122
    # ---- trucks: 8701.21.00, MFN 4%; Proclamation 10984: 25% from 1 November 2025
    (
        "8701.21.00.80",
        "DEU",
        "2025-10-31",
        {},
        0.54,
        0.54,
    ),  # steel derivative of 18 August 2025: 4 + 50 on all as metal
    ("8701.21.00.80", "DEU", "2025-10-31", {"metal_share": 0.2}, 0.228, 0.228),  # 4 + 50 x 0.2 + (15 - 4) x 0.8
    ("8701.21.00", "DEU", "2025-11-01", {}, 0.29, 0.29),  # 4 + 25; steel leaves trucks alone (note 38(a))
    ("8702.20.31", "JPN", "2025-10-31", {}, 0.15, 0.15),  # bus, MFN 2%: reciprocal 15% all together
    ("8702.20.31", "JPN", "2025-11-01", {}, 0.12, 0.12),  # 2 + 10
    # ---- wood: Proclamation 10976 from 14 October 2025
    ("4407.11.00", "CAN", "2025-10-13", {}, 0.0, 0.0),  # USMCA
    ("4407.11.00", "CAN", "2025-10-14", {}, 0.10, 0.10),  # softwood 10, also for USMCA goods (note 37(a))
    ("4407.11.00", "CAN", "2025-10-13", NOT_CLAIMED, 0.35, 0.35),  # northern border 35
    ("4407.11.00", "CAN", "2025-10-14", NOT_CLAIMED, 0.10, 0.10),  # wood 10 in place of the border duty
    ("9401.61.40.11", "VNM", "2025-10-13", {}, 0.20, 0.20),  # reciprocal 20
    ("9401.61.40.11", "VNM", "2025-10-14", {}, 0.25, 0.25),  # upholstered furniture 25
    ("9401.61.40.11", "DEU", "2025-10-14", {}, 0.15, 0.15),  # heading 9903.76.22: 15% all together
    ("9401.61.40.11", "GBR", "2025-10-14", {}, 0.10, 0.10),  # heading 9903.76.20: 10 added to nothing
    ("9401.61.40.31", "CHN", "2025-10-14", {}, 0.70, 0.70),  # 301 list 3: 25, + 25, + opioids 20
    # ---- copper: 7408.19.00, MFN 3%; Proclamation 10962 from 1 August 2025
    ("7408.19.00", "JPN", "2025-07-31", {}, 0.13, 0.13),  # 3 + reciprocal 10
    ("7408.19.00", "JPN", "2025-08-01", {}, 0.53, 0.53),  # 3 + 50
    ("7408.19.00", "JPN", "2025-08-01", {"metal_share": 0.5}, 0.33, 0.33),  # 3 + 50 x 0.5 + 10 x 0.5
    ("7408.19.00", "JPN", "2026-04-06", {"metal_share": 0.5}, 0.53, 0.53),  # annex I-A: 50 on the full value
    # ---- steel: 7208.10.15, MFN free
    ("7208.10.15", "JPN", "2018-03-22", {}, 0.0, 0.0),
    ("7208.10.15", "JPN", "2018-03-23", {}, 0.25, 0.25),  # Proclamation 9705
    ("7208.10.15", "CAN", "2018-05-31", {}, 0.0, 0.0),  # exempt until 1 June 2018
    ("7208.10.15", "CAN", "2018-06-01", {}, 0.25, 0.25),
    ("7208.10.15", "CAN", "2019-05-19", {}, 0.25, 0.25),
    ("7208.10.15", "CAN", "2019-05-20", {}, 0.0, 0.0),  # Proclamation 9894
    ("7208.10.15", "TUR", "2018-08-12", {}, 0.25, 0.25),
    ("7208.10.15", "TUR", "2018-08-13", {}, 0.50, 0.50),  # Proclamation 9772
    ("7208.10.15", "TUR", "2019-05-20", {}, 0.50, 0.50),
    ("7208.10.15", "TUR", "2019-05-21", {}, 0.25, 0.25),  # Proclamation 9886
    ("7208.10.15", "DEU", "2021-12-31", {}, 0.25, 0.25),
    ("7208.10.15", "DEU", "2022-01-01", {}, 0.0, 0.0),  # within the tariff-rate quota of Proclamation 10328
    ("7208.10.15", "DEU", "2022-01-01", {"in_quota": False}, 0.25, 0.25),  # beyond it
    ("7208.10.15", "BRA", "2025-03-11", {}, 0.0, 0.0),  # absolute quota
    ("7208.10.15", "BRA", "2025-03-12", {}, 0.25, 0.25),  # Proclamation 10896
    ("7208.10.15", "BRA", "2025-06-03", {}, 0.25, 0.25),
    ("7208.10.15", "BRA", "2025-06-04", {}, 0.50, 0.50),  # Proclamation 10947
    ("7208.10.15", "GBR", "2025-06-04", {}, 0.25, 0.25),  # the United Kingdom stays at 25
    ("7208.10.15", "GBR", "2026-04-06", {}, 0.25, 0.25),  # heading 9903.82.04
    ("7208.10.15", "CAN", "2025-06-03", NOT_CLAIMED, 0.25, 0.25),  # border 25, which keeps steel away (EO 14289)
    ("7208.10.15", "CAN", "2025-06-04", NOT_CLAIMED, 0.50, 0.50),  # the other way round (Proclamation 10947)
    ("7208.10.15", "CHN", "2026-08-15", {}, 0.75, 0.75),  # 9903.91.01: 25, + 50
    # EO 14289, back to 4 March 2025 and applied by customs from 16 May (90 FR 21487): not both of two duties
    ("7208.10.15", "CAN", "2025-03-11", NOT_CLAIMED, 0.25, 0.25),  # border 25
    ("7208.10.15", "CAN", "2025-03-12", NOT_CLAIMED, 0.50, 0.25),  # border 25 + steel 25 were paid; the border alone
    ("7208.10.15", "CAN", "2025-05-15", NOT_CLAIMED, 0.50, 0.25),
    ("7208.10.15", "CAN", "2025-05-16", NOT_CLAIMED, 0.25, 0.25),
    ("7208.10.15", "CAN", "2025-05-15", {}, 0.25, 0.25),  # USMCA: no border duty, steel 25
    ("7601.10.30", "CAN", "2025-04-01", NOT_CLAIMED, 0.526, 0.276),  # 2.6 + border 25 (+ aluminium 25)
    (CAR, "MEX", "2025-04-10", NOT_CLAIMED, 0.525, 0.275),  # 2.5 + cars 25 (+ border 25)
    (CAR, "MEX", "2025-05-16", NOT_CLAIMED, 0.275, 0.275),
    # bumpers, 8708.10.30: MFN 2.5; aluminium derivative, all of it metal, and from 3 May 2025 a car part
    ("8708.10.30", "JPN", "2025-05-02", {}, 0.275, 0.275),  # 2.5 + 25 on the metal
    ("8708.10.30", "JPN", "2025-05-03", {}, 0.525, 0.275),  # 2.5 + car part 25 (+ aluminium 25)
    ("8708.10.30", "JPN", "2025-05-16", {}, 0.275, 0.275),
    # steel outside chapter 73: 9403.20.00.86, MFN free, note 16(n) from 12 March 2025 on the steel content
    ("9403.20.00.86", "TWN", "2025-03-11", {"metal_share": {"steel": 0.6}}, 0.0, 0.0),
    ("9403.20.00.86", "TWN", "2025-03-12", {"metal_share": {"steel": 0.6}}, 0.15, 0.15),  # 25 x 0.6
    ("9403.20.00.86", "TWN", "2025-04-05", {"metal_share": {"steel": 0.6}}, 0.19, 0.19),  # + reciprocal 10 x 0.4
    ("9403.20.00.86", "TWN", "2025-06-04", {"metal_share": {"steel": 0.6}}, 0.34, 0.34),  # 50 x 0.6 + 10 x 0.4
    ("9403.20.00.86", "GBR", "2025-06-04", {"metal_share": {"steel": 0.6}}, 0.19, 0.19),  # 25 x 0.6 + 10 x 0.4
    # ductile fittings, 7307.19.30: MFN 5.6, on the lists since 18 August 2025 (90 FR 40326)
    ("7307.19.30", "JPN", "2025-08-17", {}, 0.206, 0.15),  # 5.6 + reciprocal 15; back to 7 August 15% all together
    ("7307.19.30", "JPN", "2025-08-18", {}, 0.556, 0.556),
    ("7307.19.30", "JPN", "2026-04-06", {}, 0.556, 0.556),
    # articles of chapter 73: 7318.15.20, MFN free; full value until 3 June 2025, then the steel in it, then in full
    ("7318.15.20", "TWN", "2025-03-11", {"metal_share": 0.8}, 0.0, 0.0),
    ("7318.15.20", "TWN", "2025-03-12", {"metal_share": 0.8}, 0.25, 0.25),
    ("7318.15.20", "TWN", "2025-06-03", {"metal_share": 0.8}, 0.25, 0.25),
    ("7318.15.20", "TWN", "2025-06-04", {"metal_share": 0.8}, 0.42, 0.42),  # 50 x 0.8 + reciprocal 10 x 0.2
    ("7318.15.20", "TWN", "2025-08-07", {"metal_share": 0.8}, 0.44, 0.44),  # 50 x 0.8 + reciprocal 20 x 0.2
    ("7318.15.20", "TWN", "2026-04-05", {"metal_share": 0.8}, 0.42, 0.42),  # 50 x 0.8 + section 122 10 x 0.2
    ("7318.15.20", "TWN", "2026-04-06", {"metal_share": 0.8}, 0.50, 0.50),
    # ---- aluminium: 7601.10.30, MFN 2.6%
    ("7601.10.30", "JPN", "2025-03-11", {}, 0.126, 0.126),  # 2.6 + 10 (Proclamation 9704)
    ("7601.10.30", "JPN", "2025-03-12", {}, 0.276, 0.276),  # 2.6 + 25 (Proclamation 10895)
    ("7601.10.30", "JPN", "2025-06-04", {}, 0.526, 0.526),  # 2.6 + 50
    ("7601.10.30", "RUS", "2023-03-09", {}, 0.285, 0.285),  # column 2: 18.5, + 10
    ("7601.10.30", "RUS", "2023-03-10", {}, 2.185, 2.185),  # 18.5 + 200 (Proclamation 10522)
    ("7601.10.30", "RUS", "2026-04-06", {}, 2.185, 2.185),  # kept
    # 7308.20.00.20, MFN free, is on the list of steel alone: 50 x 0.6 + reciprocal 20 x 0.4
    ("7308.20.00.20", "TWN", "2025-08-18", {"metal_share": {"steel": 0.6, "aluminium": 0.2}}, 0.38, 0.38),
    # one line of ten digits is a derivative and the others are not: medicines in metal cans
    ("3004.90.92.44", "IND", "2025-08-18", {"metal_share": 0.1}, 0.05, 0.05),  # 50 x 0.1; exempt from the rest
    ("3004.90.92.91", "IND", "2025-08-18", {}, 0.0, 0.0),
    # beer, 2203.00.00: MFN free; aluminium derivative from 4 April 2025 (90 FR 14786) on the metal
    ("2203.00.00", "NLD", "2025-04-03", {"metal_share": 0.1}, 0.0, 0.0),
    ("2203.00.00", "NLD", "2025-04-04", {"metal_share": 0.1}, 0.025, 0.025),  # 25 x 0.1
    ("2203.00.00", "NLD", "2025-07-01", {"metal_share": 0.1}, 0.14, 0.14),  # 50 x 0.1 + reciprocal 10 x 0.9
    # 7308.20.00.35, MFN free, on a list of steel and on one of aluminium: the metal is divided equally, 50 on each
    # half; with its shares stated 50 x 0.6 + 50 x 0.2 + reciprocal 20 x 0.2
    ("7308.20.00.35", "TWN", "2025-08-18", {}, 0.50, 0.50),
    ("7308.20.00.35", "TWN", "2025-08-18", {"metal_share": {"steel": 0.6, "aluminium": 0.2}}, 0.44, 0.44),
    # ---- metal in other goods: 8450.11.00, aluminium derivative of 18 August 2025, annex I-B; KORUS free
    ("8450.11.00", "KOR", "2025-06-22", {"metal_share": 0.2}, 0.10, 0.10),  # reciprocal 10
    ("8450.11.00", "KOR", "2025-06-23", {"metal_share": 0.2}, 0.18, 0.18),  # 90 FR 25208: 50 x 0.2 + 10 x 0.8
    ("8450.11.00", "KOR", "2025-08-17", {"metal_share": 0.2}, 0.22, 0.22),  # 50 x 0.2 + 15 x 0.8
    ("8450.11.00", "KOR", "2025-08-18", {}, 0.50, 0.50),  # 50, all of it metal: steel and aluminium by halves
    ("8450.11.00", "KOR", "2025-08-18", {"metal_share": 0.2}, 0.22, 0.22),  # 50 x 0.2 + 15 x 0.8
    ("8450.11.00", "KOR", "2026-04-05", {"metal_share": 0.2}, 0.18, 0.18),  # 50 x 0.2 + section 122: 10 x 0.8
    ("8450.11.00", "KOR", "2026-04-06", {"metal_share": 0.2}, 0.25, 0.25),  # I-B: 25 on the full value
    ("8450.11.00", "KOR", "2026-04-06", {"light_metal": True}, 0.10, 0.10),  # under 15% metal: section 122 instead
    ("8450.11.00", "KOR", "2026-04-06", {"us_metal": True}, 0.10, 0.10),  # heading 9903.82.06
    ("8450.11.00", "GBR", "2026-04-06", {}, 0.164, 0.164),  # MFN 1.4 + 15 (heading 9903.82.05)
    # mobile industrial equipment, 8429.52.10: MFN free; Proclamation 11032 from 8 June 2026, partners with an agreement
    ("8429.52.10", "JPN", "2026-06-07", {}, 0.25, 0.25),
    ("8429.52.10", "JPN", "2026-06-08", {}, 0.15, 0.15),
    ("8429.52.10", "VNM", "2026-06-08", {}, 0.25, 0.25),
    # annex III: 8424.89.90, MFN 1.8%
    ("8424.89.90", "DEU", "2026-04-06", {}, 0.15, 0.15),  # heading 9903.82.10: 15% all together
    ("8424.89.90", "DEU", "2026-04-06", {"us_metal": True}, 0.10, 0.10),  # heading 9903.82.07: 10% all together
    # ---- Section 301: four lists and the review
    (CAR, "CHN", "2018-07-05", {}, 0.025, 0.025),
    (CAR, "CHN", "2018-07-06", {}, 0.275, 0.275),  # list 1: 2.5 + 25
    ("8701.21.00", "CHN", "2018-08-22", {}, 0.04, 0.04),
    ("8701.21.00", "CHN", "2018-08-23", {}, 0.29, 0.29),  # list 2: 4 + 25
    ("2904.10.10", "CHN", "2018-09-23", {}, 0.055, 0.055),
    ("2904.10.10", "CHN", "2018-09-24", {}, 0.155, 0.155),  # list 3: 5.5 + 10
    ("2904.10.10", "CHN", "2019-05-09", {}, 0.155, 0.155),
    ("2904.10.10", "CHN", "2019-05-10", {}, 0.305, 0.305),  # 5.5 + 25
    ("2904.10.10", "CHN", "2019-06-14", {"in_transit": True}, 0.155, 0.155),  # heading 9903.88.09: 10
    ("2904.10.10", "CHN", "2019-06-15", {"in_transit": True}, 0.305, 0.305),
    ("6403.99.60", "CHN", "2019-08-31", {}, 0.085, 0.085),
    ("6403.99.60", "CHN", "2019-09-01", {}, 0.235, 0.235),  # list 4A: 8.5 + 15
    ("6403.99.60", "CHN", "2020-02-13", {}, 0.235, 0.235),
    ("6403.99.60", "CHN", "2020-02-14", {}, 0.16, 0.16),  # 8.5 + 7.5
    ("9018.31.00.40", "CHN", "2024-09-26", {}, 0.0, 0.0),  # syringes: MFN free, and on no list before the review
    ("9018.31.00.40", "CHN", "2024-09-27", {}, 1.0, 1.0),  # heading 9903.91.03: 100
    ("9018.31.00.80", "CHN", "2025-12-31", {}, 0.20, 0.20),  # enteral: opioids 10 + reciprocal 10 (9903.91.10)
    ("9018.31.00.80", "CHN", "2026-01-01", {}, 1.20, 1.20),  # 100 + 10 + 10
    ("9018.32.00", "CHN", "2024-09-26", {}, 0.0, 0.0),  # needles: no duty before the review
    # steel on list 4A before the review: 7208.10.15, MFN free, beside Section 232: 25
    ("7208.10.15", "CHN", "2019-08-31", {}, 0.25, 0.25),
    ("7208.10.15", "CHN", "2019-09-01", {}, 0.40, 0.40),  # + 15
    ("7208.10.15", "CHN", "2024-09-26", {}, 0.325, 0.325),  # + 7.5
    ("7208.10.15", "CHN", "2024-09-27", {}, 0.50, 0.50),  # + 25
    ("7210.20.00", "CHN", "2024-09-26", {}, 0.25, 0.25),  # on list 4B, which never was in force
    ("8541.21.00", "CHN", "2018-07-06", {}, 0.25, 0.25),  # transistors: list 1
    ("3818.00.00", "CHN", "2018-09-24", {}, 0.10, 0.10),  # wafers: list 3
    # gloves, 4015.12.10, MFN free: list 4A, then 50 in 2025 and 100 in 2026 (89 FR 76581)
    ("4015.12.10", "CHN", "2019-08-31", {}, 0.0, 0.0),
    ("4015.12.10", "CHN", "2020-02-13", {}, 0.15, 0.15),
    ("4015.12.10", "CHN", "2024-12-31", {}, 0.075, 0.075),
    ("4015.12.10", "CHN", "2025-01-01", {}, 0.50, 0.50),
    ("4015.12.10", "CHN", "2025-12-31", {}, 0.70, 0.70),  # 50 + 10 + 10
    ("4015.12.10", "CHN", "2026-01-01", {}, 1.20, 1.20),  # 100 + 10 + 10
    # masks, 6307.90.98, MFN 7: list 4A; N95 25 from 27 September 2024, disposable ones from 2025, all 50 from 2026
    ("6307.90.98.42", "CHN", "2024-09-26", {}, 0.145, 0.145),  # 7 + 7.5
    ("6307.90.98.42", "CHN", "2024-09-27", {}, 0.32, 0.32),  # 7 + 25
    ("6307.90.98.70", "CHN", "2024-12-31", {}, 0.145, 0.145),
    ("6307.90.98.70", "CHN", "2025-01-01", {}, 0.32, 0.32),
    ("6307.90.98.70", "CHN", "2025-12-31", {}, 0.52, 0.52),  # 7 + 25 + 10 + 10
    ("6307.90.98.70", "CHN", "2026-01-01", {}, 0.77, 0.77),  # 7 + 50 + 10 + 10
    ("6307.90.98.91", "CHN", "2026-01-01", {}, 0.345, 0.345),  # no mask: 7 + 7.5 + 10 + 10
    # batteries, MFN 3.4: of electric cars 25 from 27 September 2024, others from 2026
    ("8507.60.00.10", "CHN", "2024-09-26", {}, 0.109, 0.109),  # 3.4 + list 4A 7.5
    ("8507.60.00.10", "CHN", "2024-09-27", {}, 0.284, 0.284),  # 3.4 + 25
    ("8507.60.00.20", "CHN", "2024-09-27", {}, 0.109, 0.109),
    ("2606.00.00", "CHN", "2024-09-26", {}, 0.0, 0.0),  # critical minerals: nothing before the review
    ("2606.00.00", "CHN", "2024-09-27", {}, 0.25, 0.25),
    ("3818.00.00", "CHN", "2024-12-31", {}, 0.25, 0.25),  # wafers: 25, from 2025 50 (89 FR 101682)
    ("3818.00.00", "CHN", "2025-01-01", {}, 0.50, 0.50),
    ("8101.94.00", "CHN", "2024-12-31", {}, 0.066, 0.066),  # tungsten, MFN 6.6; from 2025 + 25
    ("8101.94.00", "CHN", "2025-01-01", {}, 0.316, 0.316),
    ("8542.31.00", "CHN", "2024-12-31", {}, 0.25, 0.25),  # list 2
    ("8542.31.00", "CHN", "2025-01-01", {}, 0.50, 0.50),  # heading 9903.91.05
    ("8507.60.00.20", "CHN", "2025-12-31", {"vehicle_part": False}, 0.309, 0.309),  # 3.4 + 7.5 + 10 + 10
    ("8507.60.00.20", "CHN", "2026-01-01", {"vehicle_part": False}, 0.484, 0.484),  # 3.4 + 25 + 10 + 10
    # ---- IEEPA, China: 6109.10.00, MFN 16.5%, list 4A 7.5%
    (SHIRT, "CHN", "2025-02-03", {}, 0.24, 0.24),  # 16.5 + 7.5
    (SHIRT, "CHN", "2025-02-04", {}, 0.34, 0.34),  # + opioids 10
    (SHIRT, "CHN", "2025-03-03", {}, 0.34, 0.34),
    (SHIRT, "CHN", "2025-03-04", {}, 0.44, 0.44),  # opioids 20
    (SHIRT, "CHN", "2025-04-04", {}, 0.44, 0.44),
    (SHIRT, "CHN", "2025-04-05", {}, 0.54, 0.54),  # + reciprocal 10
    (SHIRT, "CHN", "2025-04-08", {}, 0.54, 0.54),
    (SHIRT, "CHN", "2025-04-09", {}, 1.28, 1.28),  # reciprocal 84 (EO 14259)
    (SHIRT, "CHN", "2025-04-10", {}, 1.69, 1.69),  # reciprocal 125 (EO 14266)
    (SHIRT, "CHN", "2025-05-13", {}, 1.69, 1.69),
    (SHIRT, "CHN", "2025-05-14", {}, 0.54, 0.54),  # Geneva: reciprocal 10
    (SHIRT, "CHN", "2025-11-09", {}, 0.54, 0.54),
    (SHIRT, "CHN", "2025-11-10", {}, 0.44, 0.44),  # opioids 10
    (SHIRT, "CHN", "2026-02-19", {}, 0.44, 0.44),
    (SHIRT, "CHN", "2026-02-20", {}, 0.44, 0.24),  # Learning Resources v. Trump: no IEEPA in law, collected until 23rd
    (SHIRT, "CHN", "2026-02-23", {}, 0.44, 0.24),
    (SHIRT, "CHN", "2026-02-24", {}, 0.34, 0.34),  # 16.5 + 7.5 + section 122: 10
    (SHIRT, "CHN", "2026-07-23", {}, 0.34, 0.34),  # day 150, the last of collection
    (SHIRT, "CHN", "2026-07-24", {}, 0.24, 0.24),
    # ---- IEEPA, reciprocal
    (SHIRT, "VNM", "2025-04-04", {}, 0.165, 0.165),
    (SHIRT, "VNM", "2025-04-05", {}, 0.265, 0.265),  # 16.5 + 10
    (SHIRT, "VNM", "2025-04-09", {}, 0.625, 0.625),  # 16.5 + 46 for one day
    (SHIRT, "VNM", "2025-04-10", {}, 0.265, 0.265),  # EO 14266: 10
    (SHIRT, "VNM", "2025-08-06", {}, 0.265, 0.265),
    (SHIRT, "VNM", "2025-08-07", {}, 0.365, 0.365),  # 16.5 + 20 (heading 9903.02.69)
    (SHIRT, "VNM", "2025-08-07", {"in_transit": True}, 0.265, 0.265),  # shipped before: 10 until 5 October
    (SHIRT, "VNM", "2025-10-05", {"in_transit": True}, 0.365, 0.365),
    (SHIRT, "VNM", "2025-08-07", {"us_content": 0.25}, 0.315, 0.315),  # 16.5 + 20 x 0.75 (heading 9903.01.34)
    (SHIRT, "VNM", "2025-08-07", {"us_content": 0.20}, 0.325, 0.325),  # at least 20%: 16.5 + 20 x 0.80
    (SHIRT, "VNM", "2025-08-07", {"us_content": 0.15}, 0.365, 0.365),  # under 20% content is not left out
    (PLASTIC, "JPN", "2025-08-06", {}, 0.153, 0.153),  # MFN 5.3 + 10
    (PLASTIC, "JPN", "2025-08-07", {}, 0.203, 0.15),  # 5.3 + 15 was paid; EO 14345: 15% all together, back to 7 August
    (PLASTIC, "JPN", "2025-09-15", {}, 0.203, 0.15),
    (PLASTIC, "JPN", "2025-09-16", {}, 0.15, 0.15),
    (SHIRT, "JPN", "2025-09-16", {}, 0.165, 0.165),  # MFN 16.5 is above 15: nothing is added
    (PLASTIC, "DEU", "2025-08-06", {}, 0.153, 0.153),  # 5.3 + 10
    (PLASTIC, "DEU", "2025-08-07", {}, 0.15, 0.15),  # EO 14326: 15% all together
    (PLASTIC, "CHE", "2025-11-13", {}, 0.443, 0.443),  # 5.3 + 39
    (PLASTIC, "CHE", "2025-11-14", {}, 0.443, 0.15),  # 90 FR 59281 of 18 December: 15% back to 14 November
    (PLASTIC, "CHE", "2025-12-17", {}, 0.443, 0.15),
    (PLASTIC, "CHE", "2025-12-18", {}, 0.15, 0.15),
    (SHIRT, "IND", "2025-08-26", {}, 0.415, 0.415),  # 16.5 + 25
    (SHIRT, "IND", "2025-08-27", {}, 0.665, 0.665),  # + Russian oil 25
    (SHIRT, "IND", "2026-02-06", {}, 0.665, 0.665),
    (SHIRT, "IND", "2026-02-07", {}, 0.415, 0.415),  # order of 6 February 2026
    (SHIRT, "BRA", "2025-08-05", {}, 0.265, 0.265),  # 16.5 + 10
    (SHIRT, "BRA", "2025-08-06", {}, 0.665, 0.665),  # + 40 (EO 14323)
    (COFFEE, "BRA", "2025-11-12", {}, 0.50, 0.50),  # MFN free, 10 + 40
    (COFFEE, "BRA", "2025-11-13", {}, 0.50, 0.0),  # both orders reach back to the 13th; that of the 10 is of the 14th,
    (COFFEE, "BRA", "2025-11-14", {}, 0.40, 0.0),  # that of Brazil of the 20th
    (COFFEE, "BRA", "2025-11-20", {}, 0.0, 0.0),
    (COFFEE, "BRA", "2026-03-15", {}, 0.0, 0.0),  # on the list of section 122 (9903.03.03)
    ("8542.31.00", "TWN", "2025-08-07", {}, 0.0, 0.0),  # heading 8542 is on the list of exempt products
    # the list of exempt products by day: 2604.00.00 (nickel ore) from 8 September 2025, 2818.30.00 (aluminium
    # hydroxide) until then (EO 14346; both MFN free), 3102.10.00 (urea) from 13 November (EO 14360), 8471.30.01
    # (laptops) by the memorandum of 11 April, back to the 5th
    ("2604.00.00", "IDN", "2025-09-07", {}, 0.19, 0.19),
    ("2604.00.00", "IDN", "2025-09-08", {}, 0.0, 0.0),
    ("2818.30.00", "IND", "2025-08-07", {}, 0.0, 0.0),
    ("2818.30.00", "IND", "2025-09-08", {}, 0.50, 0.50),  # 25 + Russian oil 25
    ("3102.10.00", "NGA", "2025-11-12", {}, 0.15, 0.15),
    ("3102.10.00", "NGA", "2025-11-13", {}, 0.15, 0.0),
    ("3102.10.00", "NGA", "2025-11-14", {}, 0.0, 0.0),
    ("3104.20.00", "ISR", "2025-04-05", {}, 0.0, 0.0),  # potash was on the list from the start
    ("0508.00.00", "IDN", "2025-08-07", {}, 0.0, 0.0),  # and coral, the only line of chapters 1 to 24
    ("8471.30.01", "VNM", "2025-04-11", {"vehicle_part": False}, 0.10, 0.0),
    ("8471.30.01", "VNM", "2025-04-12", {"vehicle_part": False}, 0.0, 0.0),
    # ---- the borders
    (SHIRT, "CAN", "2025-03-03", NOT_CLAIMED, 0.165, 0.165),
    (SHIRT, "CAN", "2025-03-04", NOT_CLAIMED, 0.415, 0.415),  # 16.5 + 25
    (SHIRT, "CAN", "2025-03-06", {}, 0.25, 0.25),  # USMCA: free, + 25 for three days
    (SHIRT, "CAN", "2025-03-07", {}, 0.0, 0.0),  # USMCA goods are left out (EO 14231)
    (SHIRT, "CAN", "2025-07-31", NOT_CLAIMED, 0.415, 0.415),
    (SHIRT, "CAN", "2025-08-01", NOT_CLAIMED, 0.515, 0.515),  # 16.5 + 35
    (SHIRT, "MEX", "2025-08-01", NOT_CLAIMED, 0.415, 0.415),  # Mexico stays at 25
    ("3104.20.00", "CAN", "2025-03-06", NOT_CLAIMED, 0.25, 0.25),  # potash
    ("3104.20.00", "CAN", "2025-03-07", NOT_CLAIMED, 0.10, 0.10),  # heading 9903.01.15
    (
        "2709.00.10",
        "CAN",
        "2025-08-01",
        NOT_CLAIMED,
        0.10,
        0.10,
    ),  # crude oil: 10 (9903.01.13), beside 5.25 cents a barrel
    # ---- Section 122
    (SHIRT, "DEU", "2026-02-23", {}, 0.165, 0.165),  # MFN 16.5 is above the 15 of the EU
    (SHIRT, "DEU", "2026-02-24", {}, 0.265, 0.265),  # 16.5 + 10
    (SHIRT, "DEU", "2026-02-27", {"in_transit": True}, 0.165, 0.165),  # heading 9903.03.02
    (SHIRT, "DEU", "2026-02-28", {"in_transit": True}, 0.265, 0.265),
    (SHIRT, "DEU", "2026-07-23", {}, 0.265, 0.265),
    (SHIRT, "DEU", "2026-07-24", {}, 0.165, 0.165),
    (SHIRT, "MEX", "2026-03-15", {}, 0.0, 0.0),  # USMCA
    (SHIRT, "MEX", "2026-03-15", NOT_CLAIMED, 0.265, 0.265),  # 16.5 + 10
    (SHIRT, "HND", "2026-03-15", {}, 0.0, 0.0),  # CAFTA-DR textile (heading 9903.03.09)
    (SHIRT, "HND", "2026-03-15", NOT_CLAIMED, 0.265, 0.265),  # 16.5 + 10
    (PLASTIC, "DEU", "2026-03-15", {}, 0.153, 0.153),  # 5.3 + 10: on the list of civil aircraft, and for none
    (PLASTIC, "DEU", "2026-03-15", {"civil_aircraft": True}, 0.053, 0.053),  # heading 9903.03.05
    # ---- Section 232, semiconductors: 8471.80.40, MFN free
    ("8471.80.40", "TWN", "2026-01-14", {"advanced_chip": True}, 0.0, 0.0),
    ("8471.80.40", "TWN", "2026-01-15", {"advanced_chip": True}, 0.25, 0.25),
    ("8471.80.40", "TWN", "2026-01-15", {}, 0.0, 0.0),
    # ---- Section 232, patented medicines (days and scope not seen in an official text)
    ("3004.90.92", "IND", "2026-07-30", {"patented_medicine": True}, 0.0, 0.0),
    ("3004.90.92", "IND", "2026-07-31", {"patented_medicine": True}, 1.0, 1.0),
    ("3004.90.92", "DEU", "2026-07-31", {"patented_medicine": True}, 0.15, 0.15),
    # ---- Section 201, solar modules: note 18(h)
    ("8541.43.00", "VNM", "2018-02-06", {}, 0.0, 0.0),
    ("8541.43.00", "VNM", "2018-02-07", {}, 0.30, 0.30),
    ("8541.43.00", "VNM", "2025-02-06", {}, 0.1425, 0.1425),
    ("8541.43.00", "VNM", "2025-02-07", {}, 0.14, 0.14),
    ("8541.43.00", "VNM", "2026-02-06", {}, 0.34, 0.34),  # 14 + reciprocal 20
    ("8541.43.00", "VNM", "2026-02-07", {}, 0.20, 0.20),
    # ---- column 2 and the older agreements
    (SHIRT, "RUS", "2022-04-08", {}, 0.165, 0.165),
    (SHIRT, "RUS", "2022-04-09", {}, 0.90, 0.90),  # Public Law 117-110
    (SHIRT, "RUS", "2025-04-10", {}, 0.90, 0.90),  # and no reciprocal duty
    ("7326.90.86.88", "JPN", "2019-12-31", {}, 0.029, 0.029),
    ("7326.90.86.88", "JPN", "2020-01-01", {}, 0.0, 0.0),  # US-Japan Trade Agreement: free (JP)
    (SHIRT, "MEX", "2020-06-30", {}, 0.0, 0.0),  # NAFTA
]


@pytest.mark.parametrize(("product", "origin", "day", "conditions", "rate", "in_law"), CASES)
def test_duty_on_a_line_equals_the_duty_by_hand(
    product: str, origin: str, day: str, conditions: dict, rate: float, in_law: float
) -> None:
    found = ep.exposures.duty("USA", product, exporter=origin, on=day, **conditions)
    assert (found.rate, found.rate_in_law) == pytest.approx((rate, in_law), abs=1e-12)
    assert sum(one.rate for one in found.layers) == pytest.approx(found.rate, abs=1e-12)
    assert all(one.because and one.citation for one in found.layers)
    assert all(one.applies == (one.rate > 0) for one in found.layers if one.id not in ("mfn", "usmca", "preference"))


def test_amounts_equal_a_customs_form_to_the_cent() -> None:
    """A customs form 7501 quoted in a public thread: 7326.90.8688 from China, US$14,172.00, after IEEPA."""
    found = ep.exposures.duty("USA", "7326.90.8688", exporter="CHN", on="2026-08-15", value=14172.00)
    amounts = {one.id: one.amount for one in found.layers if one.applies}
    # 0.029 x 14,172 = 410.988; 0.25 x 14,172; 0.50 x 14,172; each rounded by itself
    assert amounts == {"mfn": 410.99, "us-301": 3543.00, "us-232-metals": 7086.00}
    assert found.amount == 11039.99


def test_specific_duty() -> None:
    """0402.10.05: 3.3 cents a kilogram. 500 kg of US$1,000: 16.50, and section 122: 100.00."""
    found = ep.exposures.duty("USA", "0402.10.05", exporter="NZL", on="2026-03-22", value=1000, quantity=500)
    assert found.specific == ep.exposures.duty("USA", "0402.10.05", exporter="NZL", on="2026-03-22").specific
    assert (found.specific.dollars, found.specific.unit) == (pytest.approx(0.033), "kg")
    assert (found.rate, found.amount) == (pytest.approx(0.10), 116.50)
    # 15% all together has the 16.50 in it: 1.65% and 13.35%
    japan = ep.exposures.duty("USA", "0402.10.05", exporter="JPN", on="2025-10-01", value=1000, quantity=500)
    assert (japan.rate, japan.amount) == (pytest.approx(0.1335), 150.00)
    alone = ep.exposures.duty("USA", "0402.10.05", exporter="JPN", on="2025-10-01")
    assert "collects 15% of the value, in which the ordinary duty of 3.3¢/kg is included, on" in alone.sentence
    assert "3.3¢/kg ordinary duty and what that duty leaves of 15% under IEEPA, reciprocal" in alone.sentence
    assert any("more of the value than the limit" in note for note in alone.notes)
    assert alone.equivalent is None
    assert "collects 3.3¢/kg plus 13.35% of the value, together 15% of this value, on" in japan.sentence
    assert japan.equivalent == pytest.approx(0.0165)
    plain = ep.exposures.duty("USA", "0402.10.05", exporter="NZL", on="2026-03-22")
    assert "collects 3.3¢/kg plus 10% of the value on 0402.10.05" in plain.sentence
    free = ep.exposures.duty("USA", "0402.10.05", exporter="NZL", on="2025-01-15", value=1000, quantity=500)
    assert "collects 3.3¢/kg (1.65% of this value) on 0402.10.05 from New Zealand, ordinary duty." in free.sentence


def test_a_lower_specific_rate_is_claimed() -> None:
    """0402.10.50: 86.5 cents a kilogram, from Korea (KORUS, 2025) 5.7; from Canada by the USMCA's share of it."""
    korea = ep.exposures.duty("USA", "0402.10.50", exporter="KOR", on="2025-03-01", value=1000, quantity=100)
    assert (korea.layers[0].id, korea.amount) == ("preference", 5.70)
    chile = ep.exposures.duty("USA", "0402.10.50", exporter="NZL", on="2025-03-01", value=1000, quantity=100)
    assert chile.amount == 86.50


def test_a_free_rate_is_claimed_in_place_of_a_specific_one() -> None:
    """0102.29.40, live cattle: 1 cent a kilogram; free from Mexico under the USMCA, and before July 2020 NAFTA.

    Section 122 leaves claimed goods alone. IEEPA, Mexico, 25% in December 2025: on those that do not claim.
    """
    cattle = {"exporter": "MEX", "value": 1000, "quantity": 500}
    free = ep.exposures.duty("USA", "0102.29.40", on="2026-03-22", **cattle)
    assert (free.layers[0].id, free.specific, free.amount) == ("usmca", None, 0.0)
    before = ep.exposures.duty("USA", "0102.29.40", on="2019-12-01", **cattle)
    assert (before.layers[0].because, before.amount) == ("the goods claim NAFTA: Free in place of 1¢/kg", 0.0)
    korea = ep.exposures.duty("USA", SHIRT, exporter="KOR", on="2025-03-01")
    assert korea.layers[0].because == "the goods claim programme KR: Free in place of 16.5%"
    share = ep.exposures.duty("USA", "0102.29.40", on="2025-12-01", preference="share", **cattle)
    left = 1 - share.usmca_share[2025]
    assert 0 < left < 1
    assert share.specific.dollars == pytest.approx(0.01 * left)
    assert share.amount == pytest.approx(500 * 0.01 * left + 1000 * 0.25 * left, abs=0.01)


def test_a_line_without_a_rate_of_the_usmca_pays_the_ordinary_one() -> None:
    """0402.10.50 from Mexico beyond the quota: 86.5 cents on 500 kg, 432.50; section 122 on US$1,000: 100.00."""
    found = ep.exposures.duty("USA", "0402.10.50", exporter="MEX", on="2026-03-22", value=1000, quantity=500)
    assert (found.layers[0].id, found.amount) == ("mfn", 532.50)


def test_a_preference_that_is_no_lower_is_not_claimed() -> None:
    line = next(iter(bundled_lines().under("01022940")))
    law = LawOfDay(load_stacking("us-2026"), "KOR", datetime.date(2026, 3, 22), False)

    def base(general: str, special: str) -> str:
        return law.base(replace(line, general=general, special={"KOR": ("KR", special)}), DutyConditions()).text

    assert base("2¢/kg", "3¢/kg") == "2¢/kg"
    assert base("3¢/kg", "2¢/kg") == "2¢/kg"
    assert base("2¢/kg", "1¢/liter") == "2¢/kg"  # which is lower is not known
    assert base("5%", "5%") == "5%"
    assert base("4% + 1¢/kg", "4%") == "4%"
    assert base("4%", "4% + 1¢/kg") == "4%"


def test_a_specific_duty_is_in_the_total_and_one_that_no_number_states_is_not() -> None:
    milk = ep.exposures.duty("USA", "0402.10.05", exporter="NZL", on="2026-03-22", value=1000, quantity=500)
    assert not [note for note in milk.notes if "not in the total" in note]
    sugar = ep.exposures.duty("USA", "1701.13.10", exporter="NZL", on="2026-03-22", value=1000, quantity=500)
    assert sugar.amount == 100.0
    (stated,) = (note for note in sugar.notes if "not in the total" in note)
    assert stated.startswith("The ordinary rate reads '1.4606¢/kg less 0.020668¢/kg for each degree")


def test_why_a_duty_is_less_than_its_rate() -> None:
    """8450.11.00 from Korea: 50% on steel and on aluminium, each a fifth of the value, reciprocal 15 on the rest."""
    found = ep.exposures.duty("USA", "8450.11.00", exporter="KOR", on="2025-08-18", metal_share=0.4)
    why = {one.id: (round(one.rate, 4), one.because) for one in found.layers if one.rate}
    assert why == {
        "us-232-steel": (0.10, "levied on the steel, 20% of the value"),
        "us-232-aluminium": (0.10, "levied on the aluminium, 20% of the value"),
        "reciprocal": (0.09, "levied on the 60% of the value that Section 232 leaves"),
    }
    whole = ep.exposures.duty("USA", SHIRT, exporter="VNM", on="2025-08-07")
    (all_of_it,) = (one.because for one in whole.layers if one.id == "reciprocal")
    assert all_of_it == "it falls on all products"


def test_an_answer_says_that_it_rests_on_a_preference_where_the_origin_has_one() -> None:
    assert ep.exposures.duty("USA", SHIRT, exporter="KOR", on="2025-03-01").conditions == {"preference": True}
    assert ep.exposures.duty("USA", SHIRT, exporter="VNM", on="2025-03-01").conditions == {}


def test_why_a_duty_is_not_levied() -> None:
    """Section 232, steel, has rates for the United Kingdom alone; copper has one rate, for everybody."""
    why = {one.id: one.because for one in ep.exposures.duty("USA", SHIRT, exporter="JPN", on="2025-08-18").layers}
    assert why["us-232-steel"] == "the line is on none of its lists"
    assert why["us-232-copper"] == "the line is on none of its lists"
    assert why["us-301"] == "only for China"
    assert why["ieepa-brazil"] == "only for Brazil"


@pytest.mark.parametrize("shares", [{"steel": 0.6, "aluminium": 0.4}, {"steel": 1 / 3, "copper": 2 / 3}, {"steel": 1}])
def test_metals_may_be_all_of_the_value(shares: dict[str, float]) -> None:
    """8450.11.00 from Korea in August 2025: 50% on the steel and the aluminium, reciprocal 15% on what they leave."""
    found = ep.exposures.duty("USA", "8450.11.00", exporter="KOR", on="2025-08-18", metal_share=shares)
    levied = shares.get("steel", 0.0) + shares.get("aluminium", 0.0)
    assert found.rate == pytest.approx(0.50 * levied + 0.15 * (1 - levied))


def test_metal_content_stands_in_the_sentence_only_where_it_matters() -> None:
    def sentence(product: str, exporter: str, on: str) -> str:
        return ep.exposures.duty("USA", product, exporter=exporter, on=on).sentence

    assert "if all of its value is metal" in sentence("8450.11.00", "KOR", "2025-08-18")
    assert "if all of its value is metal" not in sentence("8450.11.00", "KOR", "2026-04-06")  # on the full value
    assert "if all of its value is metal" not in sentence("8450.11.00", "KOR", "2025-06-22")
    assert "if all of its value is metal" not in sentence(SHIRT, "KOR", "2025-08-18")
    # 50 on the metal, and on the rest reciprocal 25 and Russian oil 25: as much
    assert "if all of its value is metal" not in sentence("8450.11.00", "IND", "2025-09-10")
    # a car part, which the metal duty leaves alone
    assert "if all of its value is metal" not in sentence("8708.10.30", "JPN", "2025-10-01")


def test_the_edition_of_the_rates_is_stated_for_other_years() -> None:
    def notes(product: str, exporter: str, on: str, **options: Any) -> str:
        return " ".join(ep.exposures.duty("USA", product, exporter=exporter, on=on, **options).notes)

    old = notes("0402.10.50", "KOR", "2019-05-05")
    assert "General rates are those of" in old
    assert "another number before 27 January 2022" in old
    assert (
        "The special rate of Korea (KORUS), 5.7¢/kg, is of the same edition; on an earlier day it may have been" in old
    )
    assert "special rate" not in notes("0402.10.50", "NZL", "2019-05-05")
    assert "HS 2022" not in notes(SHIRT, "KOR", "2023-05-05")
    assert "those of 2026 are not in the data" in notes(SHIRT, "KOR", "2026-05-05")
    assert "may have lowered it" not in notes(SHIRT, "KOR", "2026-05-05")  # free already
    assert "may have lowered it since" in notes("0402.10.50", "KOR", "2026-05-05")
    assert "edition" not in notes(SHIRT, "KOR", "2025-03-05")


def test_share_of_trade_that_claims_the_usmca() -> None:
    """Shares of 8703.23.01 from Mexico, 2025: the mean over its statistical lines, rounded to a percent, is 34%."""
    found = ep.exposures.duty("USA", CAR, exporter="MEX", on="2025-03-15", preference="share")
    # 34% pay nothing, 66% pay MFN 2.5 and the border's 25
    assert found.usmca_share[2025] == 0.34
    assert found.rate == pytest.approx(0.66 * 0.275)


def test_reported_rates_are_shown_and_not_counted() -> None:
    before = ep.exposures.duty("USA", CAR, exporter="CAN", on="2026-08-21")
    assert "us-338-canada" not in {one.id for one in before.layers}
    found = ep.exposures.duty("USA", CAR, exporter="CAN", on="2026-08-22")
    (reported,) = [one for one in found.layers if one.id == "us-338-canada"]
    assert not reported.counted
    assert not reported.applies
    assert reported.stated == 0.5
    assert "not established" in reported.because
    assert reported.confidence == "general"
    korea = ep.exposures.duty("USA", CAR, exporter="KOR", on="2026-01-26")
    assert korea.rate == pytest.approx(0.15)
    assert [one.stated for one in korea.layers if not one.counted] == [0.25]
    brazil = ep.exposures.duty("USA", SHIRT, exporter="BRA", on=datetime.datetime(2026, 8, 1, 12))
    assert brazil.rate == pytest.approx(0.165)
    assert sorted(one.stated or 0 for one in brazil.layers if not one.counted) == [0.125, 0.25]


@pytest.mark.parametrize(
    ("exporter", "on", "rates"),
    [
        ("EGY", "2026-07-23", []),
        ("EGY", "2026-07-24", [0.125]),
        ("KHM", "2026-07-24", [0.1]),
        ("TWN", "2026-07-24", [0.1]),
        ("JPN", "2026-07-24", [0.125]),
        ("BRA", "2026-07-22", [0.125, 0.25]),  # 12.5% is proposed on that day
        ("UKR", "2026-07-24", []),
        ("CAN", "2026-08-22", [0.1, 0.5]),
    ],
)
def test_duties_of_2026_whose_lists_are_missing_are_shown_and_not_counted(
    exporter: str, on: str, rates: list[float]
) -> None:
    found = ep.exposures.duty("USA", SHIRT, exporter=exporter, on=on, preference=False)
    shown = [one for one in found.layers if not one.counted]
    assert sorted(one.stated or 0 for one in shown) == rates
    assert not any(one.applies for one in shown)
    assert found.rate == ep.exposures.duty("USA", SHIRT, exporter="UKR", on=on).rate


@pytest.mark.parametrize(
    ("product", "exporter", "other"),
    [
        ("7208.10.15", "KOR", "Section 232"),
        (CAR, "GBR", "Section 232"),
        (CAR, "CAN", "USMCA"),
        (CAR, "DEU", "Section 232"),
    ],
)
def test_a_duty_that_another_displaces_is_given_once(product: str, exporter: str, other: str) -> None:
    """Section 301 over forced labour is on goods of these countries: it is not "only for" others."""
    found = ep.exposures.duty("USA", product, exporter=exporter, on="2026-12-01")
    (layer,) = [one for one in found.layers if one.id == "us-301-2026"]
    assert layer.because.startswith("not levied where ")
    assert other in layer.because


def test_the_60_economies_are_those_of_the_book_of_rules() -> None:
    """91 FR 47318 has 60: 17 at 10% and 38 at 12.5%, and five with a limit on all duties (the EU is one)."""
    (law,) = [a for a in ep.exposures.load_stacking("us-2026").authorities if a.id == "us-301-2026"]
    labour = [r for r in law.rates if str(r.since) == "2026-07-24"]
    assert [(r.rate, r.all_in, len(r.partners)) for r in labour] == [
        (0.1, False, 17),
        (0.1, True, 2),
        (0.125, True, 3),
        (0.125, False, 38),
    ]
    named = [p for r in labour for p in r.partners]
    (found,) = [d for d in statutes()["us-301"].found if "60 economies" in d.says]
    assert sorted("EU" if p == "EU27" else p for p in named) == sorted(found.of)


def test_drones_and_medicines_of_2026() -> None:
    drone = ep.exposures.duty("USA", "8806.21.00.00", exporter="CHN", on="2026-09-03")
    assert [one.stated for one in drone.layers if one.id == "us-232-drones"] == [1.0, 0.25]
    assert not [one for one in drone.layers if one.id == "us-232-drones" and one.counted]
    british = ep.exposures.duty("USA", "3004.90.92", exporter="GBR", on="2026-09-30", patented_medicine=True)
    assert british.rate == 0.0


def test_an_old_entry_says_the_day_of_the_law() -> None:
    assert ep.exposures.duty("USA", CAR, exporter="JPN", on="2026-07-31").law_as_of is None
    found = ep.exposures.duty("USA", CAR, exporter="JPN", on="2026-08-01")
    assert str(found.law_as_of) == "2026-07-31"
    assert "(law as of 31 July 2026)" in found.sentence


@pytest.mark.parametrize(
    ("product", "exporter", "on", "lacks"),
    [
        ("6810.99.00", "VNM", "2026-09-01", "not in the data and not counted: Section 201 on quartz surface products"),
        ("4407.11.00", "RUS", "2023-01-10", "not counted: the duties of 35% and 70% on goods of Russia"),
        (
            "0901.11.00",
            "BRA",
            "2026-08-01",
            "no duty, or up to 37.5%, on 0901.11.00 from Brazil; up to 37.5% with Section 301 of 2026, forced labour",
        ),
        (
            "6109.10.00",
            "VNM",
            "2026-08-01",
            "collects at least 16.5% on 6109.10.00 from Vietnam, ordinary duty; up to 29% with Section 301 of 2026",
        ),
        (
            "6109.10.00",
            "JPN",
            "2026-06-30",
            "not established and not counted: Section 301 of 2026, forced labour and B",
        ),
        (
            "2204.21.50",
            "FRA",
            "2026-11-30",
            "at least 6.3¢/liter on 2204.21.50 from France, ordinary duty; up to 10 points",
        ),
    ],
)
def test_the_first_sentence_says_which_duty_on_the_line_is_unknown(
    product: str, exporter: str, on: str, lacks: str
) -> None:
    """Whose list is not at hand is neither charged nor passed over: the total says that it is without it."""
    answer = ep.exposures.duty("USA", product, exporter=exporter, on=on)
    assert lacks in answer.sentence
    assert not any(layer.applies and "2026, forced" in layer.authority for layer in answer.layers)
    if "201" in lacks:
        before = ep.exposures.duty("USA", product, exporter=exporter, on="2026-08-14")
        assert "quartz" not in before.sentence, "from the day of the measure"


def test_gaps_are_those_of_the_day_the_origin_and_the_line() -> None:
    def gaps(product: str, exporter: str, on: str) -> set[str]:
        return {gap.what for gap in ep.exposures.duty("USA", product, exporter=exporter, on=on).gaps}

    whole = {gap.what for gap in ep.exposures.load_stacking("us-2026").gaps}
    assert gaps(CAR, "DEU", "2019-11-01") < whole
    assert any("large civil aircraft" in what for what in gaps(CAR, "DEU", "2019-11-01"))
    assert not any("large civil aircraft" in what for what in gaps(CAR, "JPN", "2019-11-01"))
    assert not any("large civil aircraft" in what for what in gaps(CAR, "DEU", "2026-08-15"))
    assert any("Proclamation 11032" in what for what in gaps("8450.11.00", "JPN", "2026-08-15"))
    assert not any("Proclamation 11032" in what for what in gaps(SHIRT, "JPN", "2026-08-15"))
    assert any("GSP" in what for what in gaps(SHIRT, "IND", "2019-11-01"))
    assert not any("GSP" in what for what in gaps(SHIRT, "DEU", "2019-11-01"))


def test_ieepa_is_noted_as_subject_to_refund() -> None:
    found = ep.exposures.duty("USA", SHIRT, exporter="VNM", on="2026-02-22")
    assert any("refund" in note for note in found.notes)
    assert "in law the rate is 16.5%" in found.sentence
    reciprocal = next(one for one in found.layers if one.id == "reciprocal")
    assert "held unlawful on 20 February 2026, and collected until 23 February 2026" in reciprocal.because


# ---- bad input ----


@pytest.mark.parametrize(
    ("product", "options", "message"),
    [
        ("8703.23.02", {}, "'8703.23.02' is not in .*2025.*nearest are 8703.23.01"),
        ("8703.2x", {}, "not a code of 4 to 8 or 10 digits"),
        ("8703.23.01.99", {}, "not a statistical line .*under 8703.23.01 there are 10, 20, 30"),
        ("8703.10", {"on": "2025-04-02"}, None),
        ("6109.90", {}, r"6109.90 spans 4 rates: 42% on 6109.90.10; .*give eight or ten digits"),
        (
            "7326.90.86",
            {"on": "2026-08-15"},
            r"7326.90.86 spans 2 rates: 50% on 7326.90.86.05; 25% on 7326.90.86.60; give ten digits",
        ),
        (
            "2711.12.00",
            {"on": "2025-08-20"},
            r"0% on 2711.12.00.10; 50% \(if all is metal\) on 2711.12.00.20; give ten",
        ),
        (CAR, {"on": "2017-12-31"}, "outside what us-2026 knows, from 2018-01-01 until 2026-12-31"),
        (CAR, {"on": "2027-01-01"}, "outside what us-2026 knows"),
        (CAR, {"on": "15 March"}, "not a day such as 2026-03-15"),
        (CAR, {"exporter": "Jpan"}, "unknown country 'Jpan'; did you mean"),
        (CAR, {"exporter": "USA"}, "chapter 98"),
        (CAR, {"exporter": "WORLD"}, "World is not one origin"),
        (CAR, {"importer": "DEU"}, "known for the United States alone, not for Germany"),
        (CAR, {"importer": "Atlantis"}, "unknown country 'Atlantis'"),
        (CAR, {"us_content": 1.5}, "us_content: 1.5 is not a share"),
        (CAR, {"us_content": True}, "us_content: True is not a share from 0 to 1"),
        (CAR, {"us_content": float("nan")}, "us_content: nan is not a share"),
        (CAR, {"us_content": "40%"}, "us_content: '40%' is not a share"),
        (CAR, {"metal_share": {}}, "metal_share: no metal is named"),
        (CAR, {"metal_share": None}, "metal_share: None is not a share"),
        (CAR, {"metal_share": float("nan")}, "metal_share: nan is not a share"),
        (CAR, {"metal_share": {"aluminum": 0.1, "aluminium": 0.2}}, "are one metal; give its share once"),
        (CAR, {"light_metal": "no"}, "light_metal: 'no' is not True or False"),
        (CAR, {"in_quota": None}, "in_quota: None is not True or False"),
        (CAR, {"generic_medicine": True, "patented_medicine": True}, "a medicine is one or the other"),
        (CAR, {"value": float("nan")}, "value: nan: give an amount"),
        (CAR, {"quantity": 5}, "quantity: give the customs value with it"),
        (CAR, {"exporter": "NES"}, "Areas not specified is not one origin; name a country"),
        (CAR, {"exporter": None}, "unknown country"),
        (CAR, {"metal_share": {"tin": 0.5}}, "unknown metal 'tin'; known: steel"),
        (CAR, {"metal_share": {"steel": 0.7, "copper": 0.7}}, "add up to more than 1"),
        (CAR, {"preference": "maybe"}, "not one of True, False and 'share'"),
        (CAR, {"value": -1}, "value: -1: give an amount"),
        (CAR, {"law": "us-2025"}, "'us-2025' states no rates by day"),
    ],
)
def test_bad_input(product: str, options: dict, message: str | None) -> None:
    given = {"importer": "USA", "exporter": "JPN", "on": "2026-03-15", **options}
    if message is None:  # one rate under a code of six digits is an answer
        assert "All 2 lines" in " ".join(ep.exposures.duty(product=product, **given).notes)
        return
    with pytest.raises(ep.errors.InputError, match=message):
        ep.exposures.duty(product=product, **given)


# ---- the bundled table against the published files ----

LISTS = SHARED_ROOT / "data" / "us_tariffs"
needs_lists = pytest.mark.skipif(not LISTS.exists(), reason="the reference data are not at hand")


def rows(name: str) -> list[dict[str, str]]:
    with (LISTS / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def on_list(line: str, name: str) -> bool:
    from entrepot.exposures.tariff_lines import bundled_lines

    return name in bundled_lines().lines[line].lists


@needs_lists
def test_lists_of_section_301_are_the_published_ones() -> None:
    from entrepot.exposures.tariff_lines import bundled_lines

    lines = bundled_lines().lines
    for name in ("9903.88.01", "9903.88.02", "9903.88.03", "9903.88.15", "9903.91.01", "9903.91.05"):
        published = {row["hts8"] for row in rows("s301_product_lists.csv") if row["ch99_code"] == name}
        mine = {code for code, line in lines.items() if name in line.lists and not line.lists[name][0]}
        if name.startswith("9903.88"):  # the file has the lines of the review on their new lists alone
            mine -= {code for code in mine - published if any(n.startswith("9903.91") for n in lines[code].lists)}
        assert mine == published & set(lines), name


@needs_lists
def test_section_301_on_a_sample_of_all_lines() -> None:
    """The highest rate of the published lists that name a line of eight digits, on a day after all of them began."""
    from entrepot.exposures.tariff_lines import bundled_lines

    rate = {
        "9903.88.01": 0.25,
        "9903.88.02": 0.25,
        "9903.88.03": 0.25,
        "9903.88.04": 0.25,
        "9903.88.15": 0.075,
        "9903.91.01": 0.25,
        "9903.91.02": 0.5,
        "9903.91.03": 1.0,
        "9903.91.05": 0.5,
        "9903.91.06": 0.25,
        "9903.91.07": 0.5,
        "9903.91.08": 1.0,
        "9903.91.11": 0.25,
        "9903.92.10": 0.25,
        "9903.88.16": 0.0,
    }
    published: dict[str, float] = {}
    for row in rows("s301_product_lists.csv"):
        published[row["hts8"]] = max(published.get(row["hts8"], 0.0), rate[row["ch99_code"]])
    for code, line in list(bundled_lines().lines.items())[::47]:
        ending = line.statistical[0] if line.split_lists else ""
        found = ep.exposures.duty("USA", code + ending, exporter="CHN", on="2026-03-15")
        levied = sum(one.rate for one in found.layers if one.id == "us-301")
        assert levied == pytest.approx(published.get(code, 0.0)), code


def test_the_list_of_exempt_products_grew_as_its_orders_say() -> None:
    """Executive Order 14360 added 237 lines (CSMS 66814923), Executive Order 14346 39 and removed 8 (CSMS 66151866)."""
    from entrepot.exposures.tariff_lines import bundled_lines

    lines = bundled_lines().lines
    count = {
        day: sum(f"annex-ii-{day}" in line.lists for line in lines.values()) for day in ("2025-11-13", "2025-09-08")
    }
    assert count == {"2025-11-13": 237, "2025-09-08": 39}
    assert sum("annex-ii-until-2025-09-08" in line.lists for line in lines.values()) == 8
    for code, line in lines.items():
        parts = [name for name in line.lists if name.startswith("annex-ii-2025")]
        assert len(parts) == ("9903.01.32" in line.lists), code


def test_lists_before_the_review_are_as_long_as_the_notices() -> None:
    """Of the 348 lines that the review raised to 25%, 318 stood on list 4A, 4 on 4B and 26, the minerals, on none."""
    from entrepot.exposures.tariff_lines import bundled_lines

    raised = {c: line.lists for c, line in bundled_lines().lines.items() if line.lists.get("9903.91.01") == ("",)}
    assert len(raised) == 348
    assert sum("9903.88.15" in lists for lists in raised.values()) == 318
    none = [code for code, lists in raised.items() if not any(name.startswith("9903.88") for name in lists)]
    assert sum(code[:2] in ("72", "73") and code[:4] != "7202" for code in none) == 4
    assert len(none) == 26 + 4


def test_steel_articles_of_march_2025_are_as_many_as_published() -> None:
    """155 codes of chapter 73 and 12 of chapters 84, 85 and 94 (Expeditors, on the annexes of 90 FR 9817)."""
    from entrepot.exposures.tariff_lines import bundled_lines

    named = [code for code, line in bundled_lines().lines.items() if "steel-derivative-2025-03-12" in line.lists]
    assert sum(code.startswith("73") for code in named) == 155
    assert {code[:2] for code in named} == {"73", "84", "85", "94"}
    assert len(named) == 155 + 12


@needs_lists
def test_derivatives_of_august_2025_are_the_published_ones() -> None:
    """By eight digits, as the file at hand has them; it lacks what 90 FR 40326 put among the articles of chapters 72,
    73 and 76, and has 7302.90 and 9401.99 (a renumbering of 1 July) besides.
    """
    from entrepot.exposures.tariff_lines import bundled_lines

    lines = bundled_lines().lines
    for metal, english in (("steel", "steel"), ("aluminium", "aluminum")):
        published = {
            row["hts_prefix"]
            for row in rows("s232_derivative_products.csv")
            if row["derivative_type"] == english and row["effective_date"] == "2025-08-18"
        }
        mine = {code for code, line in lines.items() if f"{metal}-derivative-2025-08-18" in line.lists}
        assert {code for code in mine - published if code[:2] not in ("72", "73", "76")} == set()
        assert published - mine <= {"73029000", "94019990"}


@needs_lists
def test_cars_and_parts_are_the_published_ones() -> None:
    from entrepot.exposures.tariff_lines import bundled_lines

    prefixes = tuple((LISTS / "s232_auto_parts.txt").read_text().split())
    for code, line in bundled_lines().lines.items():
        listed = line.lists.get("9903.94.05")
        assert (listed is not None) == any(code.startswith(p[:8]) for p in prefixes), code


@needs_lists
def test_exempt_lists_are_within_the_published_ones() -> None:
    """The published files hold goods for civil aircraft and of single partners too, which chapter 99 tells apart."""
    from entrepot.exposures.tariff_lines import bundled_lines

    for name, file, column in (
        ("9903.03.03", "s122_exempt_products.csv", "hts8"),
        ("9903.01.32", "ieepa_exempt_products.csv", "hts10"),
    ):
        published = {row[column][:8] for row in rows(file)}
        mine = {code for code, line in bundled_lines().lines.items() if name in line.lists}
        assert len(mine) > 1000
        assert len(mine - published) < 0.02 * len(mine), sorted(mine - published)[:10]


@needs_lists
def test_ordinary_rates_are_those_of_the_schedule() -> None:
    from entrepot.exposures.tariff_lines import bundled_lines

    path = SHARED_ROOT / "data" / "real_files" / "usitc_hts_2025.csv"
    stated = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            code = "".join(c for c in row["HTS Number"] if c.isdigit())
            if len(code) in (8, 10) and row["General Rate of Duty"].strip() and code[:2] < "98":
                stated[code[:8]] = " ".join(row["General Rate of Duty"].split())
    mine = {code: line.general for code, line in bundled_lines().lines.items()}
    assert mine == {**dict.fromkeys(mine, ""), **stated}


@needs_lists
@pytest.mark.slow
def test_a_newer_schedule_can_be_given() -> None:
    path = SHARED_ROOT / "data" / "real_files" / "usitc_hts_2025.csv"
    found = ep.exposures.duty("USA", CAR, exporter="JPN", on="2026-03-15", rates=path)
    assert found.rate == pytest.approx(0.15)
    assert "usitc_hts_2025.csv" in found.edition


def test_a_schedule_of_ones_own(tmp_path: Path) -> None:
    """In the layout of hts.usitc.gov: 8703.23.01 at 4%, so 11 points are added for Japan, and 4 + 25 is for India."""
    head = "HTS Number,Indent,Description,Unit of Quantity,General Rate of Duty,Special Rate of Duty,"
    head += "Column 2 Rate of Duty,Quota Quantity,Additional Duties\n"
    text = head + '"8703","0","Cars","","","","","",""\n"8703.23.01","2","A line","","4%","Free (AU,S)","10%","",""\n'
    (tmp_path / "hts.csv").write_text(text)
    rates = tmp_path / "hts.csv"
    japan = ep.exposures.duty("USA", CAR, exporter="JPN", on="2026-03-15", rates=rates)
    assert [round(one.rate, 12) for one in japan.layers if one.applies] == [0.04, 0.11]
    assert ep.exposures.duty("USA", CAR, exporter="IND", on="2026-03-15", rates=rates).rate == pytest.approx(0.29)
    assert not any("not in the data" in note for note in japan.notes)
    with pytest.raises(ep.errors.InputError, match=r"6109.10.00' is not in the schedule hts.csv"):
        ep.exposures.duty("USA", SHIRT, exporter="IND", on="2026-03-15", rates=rates)


@pytest.mark.parametrize("rate", ["2500%", "-5%", "25"])
def test_a_schedule_with_an_absurd_rate_is_refused(tmp_path: Path, rate: str) -> None:
    head = "HTS Number,Indent,Description,Unit of Quantity,General Rate of Duty,Special Rate of Duty,"
    head += "Column 2 Rate of Duty,Quota Quantity,Additional Duties\n"
    (tmp_path / "hts.csv").write_text(f'{head}"8703.23.01","2","A line","","{rate}","Free (AU,S)","10%","",""\n')
    with pytest.raises(
        ep.errors.InputError, match=rf"--rates hts.csv: the rate of 8703.23.01 reads '{rate}'; rates from 0"
    ):
        ep.exposures.duty("USA", CAR, exporter="JPN", on="2026-03-15", rates=tmp_path / "hts.csv")


def test_a_rate_with_a_fraction_is_a_rate_of_the_value() -> None:
    """4202.29.20: column 2 is 33 1/3%. Of US$1,000 from Russia in March 2026: 333.33, and section 122: 100.00."""
    found = ep.exposures.duty("USA", "4202.29.20", exporter="RUS", on="2026-03-22", value=1000)
    assert (found.rate, found.amount) == (pytest.approx(1 / 3 + 0.10), 433.33)
    assert found.specific is None
    assert not [note for note in found.notes if "not in the total" in note or "--quantity" in note]


def test_a_special_rate_that_refers_to_another_line_is_not_claimed() -> None:
    """0402.29.50: $1.104 a kilogram + 14.9%; the special rate of Australia is in a quota, "See 9822.04.25"."""
    found = ep.exposures.duty("USA", "0402.29.50", exporter="AUS", on="2025-03-01", value=1000, quantity=100)
    assert (found.layers[0].id, found.amount) == ("mfn", 259.40)


@pytest.mark.parametrize(
    ("text", "dollars", "unit"),
    [
        ("3.3¢/kg", 0.033, "kg"),
        ("$1.509/kg", 1.509, "kg"),
        ("89.6¢/1000", 0.000896, "piece"),
        ("$2/1,000", 0.002, "piece"),
        ("10¢/1,000 pins", 0.0001, "pins"),
        ("$4.75 each", 4.75, "piece"),
    ],
)
def test_amounts_for_each_unit(text: str, dollars: float, unit: str) -> None:
    part = specific_part(text)
    assert part is not None
    assert (part.dollars, part.unit) == (pytest.approx(dollars), unit)


def test_a_rate_that_is_read_in_part_says_so() -> None:
    """6505.00.08: 13.5 cents a kilogram + 6.3% + 1.9 cents an article."""
    found = ep.exposures.duty("USA", "6505.00.08", exporter="CHE", on="2025-01-15")
    assert found.rate == pytest.approx(0.063)
    assert "an ordinary duty that no single rate states" in found.sentence
    assert any("6.3% is counted; the rest is not in the total" in note for note in found.notes)


def test_the_manual_lists_every_known_gap() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "exposure.md").read_text(encoding="utf-8")
    for gap in ep.exposures.load_stacking("us-2026").gaps:
        assert f"| {gap.what} |" in page
        assert gap.since is None or f"from {gap.since}" in page


@pytest.mark.parametrize("exporter", ["EU28", "ASEAN", "EFTA", "USMCA", "MERCOSUR", "PRI", "GUM"])
def test_origins_without_one_duty_are_refused(exporter: str) -> None:
    with pytest.raises(ep.errors.InputError, match=r"may pay different duties|customs territory"):
        ep.exposures.duty("USA", "8703.23.01", exporter=exporter, on="2026-03-15")


@pytest.mark.parametrize("value", [1e30, -1.0, True, "100"])
def test_a_value_that_is_no_amount_is_refused(value: Any) -> None:
    with pytest.raises(ep.errors.InputError, match="give an amount from 0 to"):
        ep.exposures.duty("USA", "8703.23.01", exporter="JPN", on="2026-03-15", value=value)


@pytest.mark.parametrize(("on", "rate"), [("2018-07-05", 0.025), ("2018-07-06", 0.275), ("2024-09-26", 0.275)])
def test_electric_cars_of_china_before_the_review_of_2024(on: str, rate: float) -> None:
    """2.5% and 25% of list 1 of Section 301, which the review raised to 100% on 27 September 2024 (89 FR 76581)."""
    assert ep.exposures.duty("USA", "8703.80.00", exporter="CHN", on=on).rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("product", "exporter"),
    [("6109.10.00", "DEU"), (CAR, "DEU"), ("8471.50.01", "MEX")],
    ids=["more is paid than the limit", "Section 232 is charged", "free under the USMCA"],
)
def test_a_duty_that_adds_nothing_to_these_goods_does_not_make_the_total_unsure(product: str, exporter: str) -> None:
    says = ep.exposures.duty("USA", product, exporter=exporter, on="2026-11-30").sentence
    assert "Section 301 of 2026" not in says
    assert "at least" not in says


def test_what_was_paid_and_not_due_is_short() -> None:
    """A Mexican car before EO 14289 was applied: the border duty was collected and is not due."""
    found = ep.exposures.duty("USA", CAR, exporter="MEX", on="2025-04-10", preference=False)
    assert "and 25% under IEEPA, Mexico (southern border) (not due in law); in law the rate is 27.5%." in found.sentence
    assert found.given == {"preference"}


def test_what_is_not_established_stands_in_the_first_sentence() -> None:
    answer = ep.exposures.duty("USA", CAR, exporter="DEU", on="2026-07-04")
    assert "not established and not counted: Section 232, cars and light trucks" in answer.sentence
    assert "not counted" not in ep.exposures.duty("USA", CAR, exporter="DEU", on="2026-03-15").sentence


def test_products_of_a_path_must_be_codes() -> None:
    with pytest.raises(ep.errors.InputError, match="'87abc' is not the beginning of a code"):
        ep.exposures.duty_path("USA", exporters=["JPN"], products=["87abc"])


def test_names_in_reasons_are_in_the_language_of_each_reader() -> None:
    """The law of a day is kept for the next question, which may be in another language."""

    def reasons() -> str:
        found = ep.exposures.duty("USA", "8703.23.01", exporter="VNM", on=datetime.date(2025, 5, 3)).to_dict()
        return " ".join(str(row["because"]) for row in found["layers"])

    with speaking("de"):
        assert "Sonderverwaltungsregion Hongkong" in reasons()
    assert "only for China, Hong Kong" in reasons()
