/** A signal set of a car that does not exist: one of each thing that the format can say. */
export const OWN_SET = {
  diagnosticLevel: "03",
  commands: [
    {
      hdr: "7E4",
      rax: "7EC",
      fcm1: true,
      cmd: { "22": "D001" },
      freq: 1,
      filter: { from: 2020 },
      dbgfilter: { to: 2019 },
      signals: [
        {
          id: "OWN_SOC",
          path: "Battery",
          fmt: { len: 8, max: 100, div: 2, unit: "percent" },
          name: "Charge",
          suggestedMetric: "stateOfCharge",
        },
        {
          id: "OWN_CURRENT",
          path: "Battery",
          fmt: { bix: 8, len: 16, max: 500, min: -500, div: 10, sign: true, unit: "amps" },
          name: "Current",
        },
        {
          id: "OWN_VOLTS_TURNED",
          path: "Battery",
          fmt: { bix: 24, len: 16, blsb: true, max: 1000, div: 10, unit: "volts" },
          name: "Voltage",
        },
        {
          id: "OWN_PRESSURE",
          path: "Tires",
          fmt: { bix: 40, len: 8, max: 4, div: 50, add: -0.5, nullmin: 0, nullmax: 4.6, unit: "bars" },
          name: "Pressure",
        },
        {
          id: "OWN_GEAR",
          path: "Transmission",
          fmt: {
            bix: 50,
            len: 3,
            map: { "0": { value: "P", description: "Park" }, "1": "R", "4": { value: "D", description: "Drive" } },
          },
          name: "Gear",
        },
        {
          id: "OWN_TOTAL",
          path: "Battery",
          fmt: { bix: 56, len: 40, max: 1_100_000_000_000, unit: "watts" },
          name: "Energy",
        },
      ],
    },
    {
      hdr: "7E4",
      rax: "7EC",
      cmd: { "22": "D001" },
      freq: 1,
      filter: { to: 2019, years: [2021] },
      signals: [{ id: "OWN_SOC_OLD", fmt: { len: 8, max: 255, unit: "percent" }, name: "Charge" }],
    },
    {
      hdr: "7E4",
      rax: "7ED",
      cmd: { "22": "D001" },
      freq: 5,
      signals: [{ id: "OWN_OTHER_ECU", fmt: { len: 8, max: 255, unit: "scalar" }, name: "Other" }],
    },
    {
      hdr: "7E4",
      rax: "7EC",
      cmd: { "22": "D002" },
      freq: 5,
      signals: [{ id: "OWN_RANGE", fmt: { len: 16, max: 1000, unit: "kilometers" }, name: "Range" }],
    },
    {
      hdr: "750",
      rax: "758",
      eax: "2A",
      cmd: { "21": "16" },
      freq: 60,
      signals: [{ id: "OWN_TYRE", fmt: { len: 8, max: 215, min: -40, add: -40, unit: "celsius" }, name: "Tyre" }],
    },
    {
      hdr: "6F1",
      rax: "607",
      eax: "07",
      cmd: { "22": "DD01" },
      freq: 60,
      signals: [{ id: "OWN_PACK", fmt: { len: 16, max: 1000, div: 10, unit: "volts" }, name: "Pack" }],
    },
    {
      hdr: "FC00",
      rax: "FE007B",
      pri: "17",
      tst: "7B",
      cmd: { "22": "028C" },
      freq: 60,
      signals: [{ id: "OWN_LONG_ID", fmt: { len: 8, max: 255, unit: "percent" }, name: "Charge" }],
    },
    {
      hdr: "7C4",
      cmd: { "21": "43" },
      freq: 60,
      signals: [{ id: "OWN_ANYBODY", fmt: { len: 8, max: 255, unit: "scalar" }, name: "Anybody" }],
    },
  ],
  signalGroups: [{ id: "OWN_CELLS", path: "Battery", name: "Cells", matchingRegex: "OWN_C_V_(\\d+)" }],
  synthetics: [
    {
      id: "OWN_RATIO",
      path: "Battery",
      name: "Kilometres per percent",
      max: 100,
      unit: "scalar",
      formula: { op: "ratio", a: "OWN_RANGE", b: "OWN_SOC" },
    },
  ],
} as const;

/** SAE J1979 as some editions of the public set write it: a trim with the wrong offset, asked of the engine ECU. */
export const OWN_STANDARD_SET = {
  commands: [
    {
      hdr: "7E0",
      rax: "7E8",
      cmd: { "01": "06" },
      freq: 1,
      signals: [
        {
          id: "TRIM",
          fmt: { len: 8, max: 99.2, min: -100, mul: 100, div: 128, add: -128, unit: "percent" },
          name: "Trim",
        },
      ],
    },
    {
      hdr: "7E0",
      rax: "7E8",
      cmd: { "01": "0D" },
      freq: 1,
      signals: [{ id: "SPEED", fmt: { len: 8, max: 255, nullmax: 255, unit: "kilometersPerHour" }, name: "Speed" }],
    },
    {
      hdr: "7E0",
      rax: "7E8",
      cmd: { "01": "0C" },
      freq: 1,
      signals: [{ id: "RPM", fmt: { len: 16, max: 16383.75, div: 4, unit: "rpm" }, name: "Speed of the engine" }],
    },
  ],
} as const;
