import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { type Draft, RECORDS, type RecordOnTheWire, type Stamp } from "../../contract/records.ts";
import { isAtCar, labourTruth, SCRIPT, type Visit } from "../shop/visit.ts";
import { type Evidence, judge } from "./judge.ts";
import { flatShareOf } from "./judge-photos.ts";

const BEGAN_AT = Date.UTC(2026, 10, 21, 6);
const stamp = (scriptMs: number): Stamp => ({
  wallMs: BEGAN_AT + scriptMs,
  monoMs: scriptMs,
  bootId: "boot",
  trusted: true,
});
const jobIdOf = (visit: Visit) => `job-${visit.jobNumber}` as Extract<Draft, { type: "job.paused" }>["body"]["jobId"];

/** The records that a perfect road would bring to headquarters. */
function perfectRecords(): RecordOnTheWire[] {
  const drafts = SCRIPT.flatMap((visit): Draft[] => [
    ...bayDrafts(visit),
    scanDraft(visit),
    differenceDraft(visit),
    ...photoDrafts(visit),
    ...labourDrafts(visit),
  ]);
  const seqs = new Map<string, number>();
  return drafts.map((draft) => {
    const stream = draft.type === "loss" ? "operations" : RECORDS[draft.type].stream;
    const seq = (seqs.get(stream) ?? 0) + 1;
    seqs.set(stream, seq);
    const hash = `${stream.length}${seq}`.padStart(64, "0");
    return {
      stream,
      seq,
      id: `${stream}-${seq}`,
      type: draft.type,
      version: 1,
      occurredAt: BEGAN_AT,
      recordedAt: BEGAN_AT,
      bootId: "boot",
      monoMs: 0,
      source: "gateway",
      messageId: null,
      body: { ...draft.body },
      prevHash: "",
      hash,
    };
  });
}

function bayDrafts(visit: Visit): Draft[] {
  const states: [Extract<Draft, { type: "bay.changed" }>["body"]["to"], number][] = [
    ["empty", 0],
    ["arriving", visit.arrivesAt],
    ["occupied", visit.parkedAt],
    ["working", visit.clockOnAt],
    ...(visit.wait === undefined
      ? []
      : (
          [
            ["waiting", visit.wait.from],
            ["occupied", visit.wait.to],
            ["working", visit.wait.to],
          ] as const
        ).map(([state, at]): [typeof state, number] => [state, at])),
    ["occupied", visit.clockOffAt],
    ["leaving", visit.departsAt],
    ["empty", visit.goneAt],
  ];
  return states.map(
    ([to, at], index): Draft => ({
      type: "bay.changed",
      body: {
        bayId: visit.bay,
        from: states[index - 1]?.[0] ?? "unknown",
        to,
        cause: "seen",
        people: 0,
        since: stamp(at),
        at: stamp(at + 4_000),
      },
    }),
  );
}

function scanDraft(visit: Visit): Draft {
  const at = visit.jobOpenedAt + 5_000;
  return {
    type: "scan.recorded",
    body: {
      dongleId: visit.bay as never,
      bayId: visit.bay,
      jobId: jobIdOf(visit),
      purpose: "arrival",
      at: stamp(at),
      scan: {
        messageId: `scan-${visit.jobNumber}`,
        takenAt: BEGAN_AT + at,
        protocol: "iso15765-4-11bit",
        vin: visit.car.vin,
        vinDoubts: [],
        readiness: null,
        ecus: visit.car.ecus.map((ecu) => ({
          address: (ecu.requestId + 8).toString(16).toUpperCase(),
          unanswered: [],
          dtcs: [
            ...ecu.confirmed.map((code) => ({ code, status: "confirmed" as const })),
            ...ecu.pending.map((code) => ({ code, status: "pending" as const })),
            ...ecu.permanent.map((code) => ({ code, status: "permanent" as const })),
          ],
        })),
      },
    },
  };
}

function differenceDraft(visit: Visit): Draft {
  return {
    type: "scan.compared",
    body: {
      jobId: jobIdOf(visit),
      arrival: `scan-${visit.jobNumber}`,
      departure: `departure-${visit.jobNumber}`,
      at: stamp(visit.repair.scanAt + 5_000),
      difference: {
        codes: visit.repair.outcomes.map((line) => ({ ...line, before: null, after: null })),
        incompleteMonitors: [],
        unreadable: [],
        cleared: visit.repair.cleared,
        sameVin: true,
      },
    },
  };
}

function labourDrafts(visit: Visit): Draft[] {
  return labourTruth(visit).map(({ from, to }, index): Draft => {
    const claimedMs = to - from;
    const evidence = {
      claimedMs,
      presenceMs: claimedMs,
      liftMs: 0,
      toolMs: 0,
      coveredMs: claimedMs,
      unobservableMs: 0,
      coverage: 1,
    };
    const times = {
      startedAt: stamp(from),
      endedAt: stamp(to),
      durationMs: claimedMs,
      minimumMs: claimedMs,
      maximumMs: claimedMs,
    };
    const ids = {
      intervalId: `interval-${visit.bay}-${index}` as never,
      technicianId: visit.technician.login as never,
      jobId: jobIdOf(visit),
      bayId: visit.bay,
    };
    return {
      type: "labour.clocked-off",
      body: { interval: { ...ids, ...times, flags: [], evidence }, by: { kind: "badge", id: "reader" }, reason: "tap" },
    };
  });
}

const PLATE = [0.4, 0.8, 0.6, 0.9] as const;
const DAMAGE = [0.3, 0.1, 0.6, 0.4] as const;
const PHOTO_TRUTH = { plates: [PLATE], faces: [], damages: [{ label: "cracked-glass", box: DAMAGE }] };

function photoDrafts(visit: Visit): Draft[] {
  return visit.photos.map(
    ({ checkpoint, at }): Draft => ({
      type: "photo.looked-at",
      body: {
        photoId: `photo-${checkpoint}` as Extract<Draft, { type: "photo.looked-at" }>["body"]["photoId"],
        jobId: jobIdOf(visit),
        checkpoint,
        picture: "a".repeat(64),
        bytes: 1_000,
        widthPx: 100,
        heightPx: 100,
        covered: [{ what: "plate", box: [0.38, 0.78, 0.62, 0.92] }],
        coveredLeftOut: 0,
        findings: [
          {
            label: "cracked-glass",
            score: 0.8,
            probability: 0.5,
            box: [...DAMAGE],
            outline: [],
            tier: "person-decides",
          },
        ],
        findingsLeftOut: 0,
        reviewThreshold: 0.85,
        models: [],
        by: { kind: "person", id: "wang" },
        at: stamp(at),
      },
    }),
  );
}

function evidenceWith(change: (records: RecordOnTheWire[]) => RecordOnTheWire[] = (records) => records): Evidence {
  const journal = perfectRecords();
  const visits = SCRIPT.map((visit) => {
    const truth = labourTruth(visit);
    const performed = {
      jobId: jobIdOf(visit),
      clockedOn: truth.map(({ from }) => from),
      clockedOff: truth.map(({ to }) => to),
      pausedAt: visit.wait?.from,
      resumedAt: visit.wait?.to,
      photos: visit.photos.map(({ checkpoint }) => ({
        checkpoint,
        truth: PHOTO_TRUTH,
        refusals: [],
        flatShare: 1,
      })),
    };
    return { visit, performed };
  });
  return {
    beganAt: BEGAN_AT,
    visits,
    blindWindows: [{ from: 600_000, to: 700_000 }],
    journal,
    headquarters: change(structuredClone(journal)),
  };
}

const ofType = (records: RecordOnTheWire[], type: string) => records.filter((record) => record.type === type);

describe("the judge of the demo", () => {
  it("finds nothing wrong with a perfect road", () => {
    expect(judge(evidenceWith()).failures).toEqual([]);
  });

  it("misses a record that headquarters does not hold", () => {
    const { failures, headquarters } = judge(
      evidenceWith((records) => records.filter((record) => record.type !== "labour.clocked-off" || record.seq !== 2)),
    );
    expect(headquarters.missing).toBe(1);
    expect(failures).toContain("1 records are missing at headquarters");
  });

  it("notices a record that came twice, one that is out of order, and one that never was", () => {
    const twice = judge(evidenceWith((records) => [...records, ...records.slice(0, 1)]));
    expect(twice.headquarters).toMatchObject({ duplicated: 1, outOfOrder: 1 });
    const foreign = judge(
      evidenceWith((records) =>
        records.map((record, index) => (index === 0 ? { ...record, hash: "f".repeat(64) } : record)),
      ),
    );
    expect(foreign.headquarters).toMatchObject({ missing: 1, foreign: 1 });
  });

  it("notices one wrong code, and one code too few", () => {
    const swap = (text: string) => JSON.parse(text.replace("P0299", "P0298"));
    const swapped = judge(
      evidenceWith((records) =>
        records.map((record) =>
          record.type === "scan.recorded" ? { ...record, body: swap(JSON.stringify(record.body)) } : record,
        ),
      ),
    );
    expect(swapped.dtcs.find((line) => line.jobNumber === "RO-1001")?.ok).toBe(false);
    expect(swapped.failures).toEqual(["the scan of RO-1001 is not the car's"]);
  });

  it("notices a code whose fate is told wrongly, codes that were cleared unsaid, and a comparison that never came", () => {
    type Difference = Extract<Draft, { type: "scan.compared" }>["body"]["difference"];
    const told = (change: (difference: Difference) => Difference) =>
      judge(
        evidenceWith((records) =>
          records.map((record) =>
            record.type === "scan.compared"
              ? { ...record, body: { ...record.body, difference: change(record.body.difference as Difference) } }
              : record,
          ),
        ),
      ).failures;
    const wrong = ["RO-1001", "RO-1002"].map((number) => `what became of the codes of ${number} is not told as it was`);
    expect(told((difference) => ({ ...difference, codes: difference.codes.slice(1) }))).toEqual(wrong);
    expect(told((difference) => ({ ...difference, cleared: "elsewhere" }))).toEqual(wrong);
    const never = evidenceWith((records) => records.filter((record) => record.type !== "scan.compared"));
    expect(judge(never).failures).toContain(wrong[0]);
  });

  it("notices a bay that stays as it was, a state too many and a state too late", () => {
    const stuck = judge(
      evidenceWith((records) =>
        records.filter((record) => record.type !== "bay.changed" || record.body.bayId !== "bay1" || record.seq === 1),
      ),
    );
    expect(stuck.bays.find((line) => line.bay === "bay1")?.ok).toBe(false);
    const late = judge(
      evidenceWith((records) => {
        const [arriving] = ofType(records, "bay.changed").filter((record) => record.body.to === "arriving");
        if (arriving !== undefined) arriving.body.since = stamp((SCRIPT[0]?.arrivesAt ?? 0) + 120_000);
        return records;
      }),
    );
    expect(late.bays.some((line) => !line.ok)).toBe(true);
  });

  it("forgives a bay that was unknown while something was broken on purpose, and only then", () => {
    const withUnknown = (at: number) =>
      evidenceWith((records) => {
        const changes = ofType(records, "bay.changed").filter((record) => record.body.bayId === "bay1");
        const working = changes.find((record) => record.body.to === "working");
        if (working === undefined) throw new Error("no working");
        const others = records.filter((record) => !changes.includes(record));
        const unknown = { ...structuredClone(working), seq: working.seq + 0.1, hash: "a".repeat(64) };
        unknown.body.to = "unknown";
        unknown.body.at = stamp(at);
        const back = { ...structuredClone(working), seq: working.seq + 0.2, hash: "b".repeat(64) };
        return [...others, ...changes, unknown, back];
      });
    const bay1 = (evidence: Evidence) => judge(evidence).bays.find((line) => line.bay === "bay1")?.ok;
    expect(bay1(withUnknown(650_000))).toBe(true);
    expect(bay1(withUnknown(400_000))).toBe(false);
  });

  it("notices labour that is too long, and labour without evidence", () => {
    const longer = judge(
      evidenceWith((records) => {
        const [first] = ofType(records, "labour.clocked-off");
        if (first !== undefined)
          first.body = { ...first.body, interval: { ...(first.body.interval as object), durationMs: 400_000 } };
        return records;
      }),
    );
    expect(longer.labour.filter((line) => !line.ok)).toHaveLength(1);
  });

  it("notices a photo that is not on record, a plate left bare, and damage that was overlooked or seen elsewhere", () => {
    type Photo = Extract<Draft, { type: "photo.looked-at" }>["body"];
    const told = (change: (photo: Photo) => Partial<Photo>) =>
      judge(
        evidenceWith((records) =>
          records.map((record) =>
            record.type === "photo.looked-at"
              ? { ...record, body: { ...record.body, ...change(record.body as Photo) } }
              : record,
          ),
        ),
      ).photos.map((line) => line.ok);
    expect(judge(evidenceWith()).photos.map((line) => line.ok)).toEqual([true, true]);
    expect(told(() => ({ covered: [] }))).toEqual([false, false]);
    expect(told(() => ({ covered: [{ what: "plate", box: [0.38, 0.78, 0.55, 0.92] }] }))).toEqual([false, false]);
    expect(told(() => ({ findings: [] }))).toEqual([false, false]);
    const moved = (photo: Photo) =>
      photo.findings.map((finding) => ({ ...finding, box: [0.6, 0.5, 0.9, 0.8] as const }));
    expect(told((photo) => ({ findings: moved(photo).map((each) => ({ ...each, box: [...each.box] })) }))).toEqual([
      false,
      false,
    ]);
    const never = judge(evidenceWith((records) => records.filter((record) => record.type !== "photo.looked-at")));
    expect(never.failures).toContain("the photo arrival-front of RO-1001 is not kept as it should be");
  });

  it("believes no record of a cover that the stored picture does not show", async () => {
    const side = 100;
    const drawn = (paint: (x: number, y: number) => number) =>
      sharp(
        Buffer.from(
          Array.from({ length: side * side * 3 }, (_, i) => paint(Math.floor(i / 3) % side, Math.floor(i / 3 / side))),
        ),
        { raw: { width: side, height: side, channels: 3 } },
      )
        .jpeg()
        .toBuffer();
    expect(await flatShareOf(await drawn(() => 80), [PLATE])).toBe(1);
    expect(await flatShareOf(await drawn((x) => (x % 8 < 4 ? 20 : 230)), [PLATE])).toBeLessThan(0.9);
    const bare = evidenceWith();
    const visits = bare.visits.map(({ visit, performed }) => {
      const photos = performed.photos.map((photo) => ({ ...photo, flatShare: 0.7 }));
      return { visit, performed: { ...performed, photos } };
    });
    expect(judge({ ...bare, visits }).photos.map((line) => line.ok)).toEqual([false, false]);
  });

  it("rests on a script in which a technician is at the car exactly while he is clocked on", () => {
    for (const visit of SCRIPT) {
      for (const { from, to } of labourTruth(visit)) {
        expect(isAtCar(visit, from)).toBe(true);
        expect(isAtCar(visit, to - 1)).toBe(true);
        expect(isAtCar(visit, to)).toBe(false);
      }
    }
  });
});
