import { describe, expect, it } from "vitest";
import { myJob, NOON, today } from "../../fixture/views.ts";
import { jobLabourMs, technicianNames } from "../jobs/job.ts";
import { EMPTY_JOB, newJobRequest } from "../jobs/new-job.ts";
import { agrees, clockFace, jobsOf, type PendingPress, todayMs } from "./clock-face.ts";
import { evidenceParts } from "./evidence.ts";

const off = myJob();
const job = jobsOf(off)[0];
if (job === undefined) throw new Error("the fixture has no job");
const running = today().jobs[0]?.running[0];
const on = myJob((view) => {
  if (running !== undefined) view.running = running;
});

const press = (jobId: PendingPress["jobId"]): PendingPress => ({
  jobId,
  number: "RO-2041",
  at: NOON,
  phase: "sending",
});

describe("the big clock", () => {
  it("shows what the gateway says, and ticks on from there", () => {
    expect(clockFace(off, null, NOON)).toEqual({ jobId: null, since: null, elapsedMs: 0, certain: true });
    expect(clockFace(on, null, NOON + 5_000)).toMatchObject({
      jobId: "job-1",
      elapsedMs: (running?.elapsedMs ?? 0) + 5_000,
      certain: true,
    });
  });

  it("shows a press at once, marked as not yet certain", () => {
    expect(clockFace(off, press(job.id), NOON + 3_000)).toEqual({
      jobId: job.id,
      since: NOON,
      elapsedMs: 3_000,
      certain: false,
    });
    expect(clockFace(on, press(null), NOON)).toMatchObject({ jobId: null, certain: false });
  });

  it("leaves the press behind as soon as the gateway's view shows the same", () => {
    expect(agrees(on, press(job.id))).toBe(true);
    expect(clockFace(on, press(job.id), NOON)).toMatchObject({ certain: true, elapsedMs: running?.elapsedMs });
    expect(agrees(on, press(null))).toBe(false);
  });

  it("counts the day with the time that runs, once", () => {
    expect(todayMs(off, NOON + 9_000)).toBe(off.todayMs);
    expect(todayMs(on, NOON + 9_000)).toBe(on.todayMs + 9_000);
  });

  it("lists each job once", () => {
    const twice = myJob((view) => {
      if (view.current !== null) view.choices.push(view.current);
    });
    expect(jobsOf(twice).map((each) => each.id)).toEqual(["job-1", "job-5", "job-2"]);
  });
});

describe("a job's line", () => {
  const jobs = today().jobs;

  it("adds to the time told one share per clock that runs", () => {
    const [one, paused] = jobs;
    if (one === undefined || paused === undefined || running === undefined) throw new Error("the fixture is short");
    expect(jobLabourMs(one, NOON, NOON + 1_000)).toBe(one.labourMs + 1_000);
    expect(jobLabourMs({ ...one, running: [running, running] }, NOON, NOON + 1_000)).toBe(one.labourMs + 2_000);
    expect(jobLabourMs(paused, NOON, NOON + 1_000)).toBe(paused.labourMs);
  });

  it("names who is on the clock, else to whom it is assigned, else nobody", () => {
    expect(jobs.map(technicianNames)).toEqual([["王建国"], ["李敏"], ["赵雪"], ["陈涛"], []]);
  });
});

describe("the evidence of an interval", () => {
  it("is shown as shares of the claimed time; what nobody could see counts neither way", () => {
    const parts = evidenceParts({
      claimedMs: 100,
      presenceMs: 50,
      liftMs: 0,
      toolMs: 10,
      coveredMs: 55,
      unobservableMs: 20,
      coverage: 0.6875,
    });
    expect(parts).toMatchObject({ coveredShare: 0.55, observableShare: 0.8 });
    expect(parts.kinds.map(({ kind }) => kind)).toEqual(["presence", "tool", "blind"]);
  });

  it("is empty for an interval of no length", () => {
    const none = { claimedMs: 0, presenceMs: 0, liftMs: 0, toolMs: 0, coveredMs: 0, unobservableMs: 0, coverage: null };
    expect(evidenceParts(none)).toEqual({ coveredShare: 0, observableShare: 0, kinds: [] });
  });
});

describe("the form of a new repair order", () => {
  const nobody = { bay: null, technicianId: null };

  it("asks for what was typed, tidied, and leaves out what was not", () => {
    expect(newJobRequest({ ...EMPTY_JOB, number: " RO-7 " }, nobody, "Asia/Shanghai")).toEqual({
      job: { number: "RO-7", work: "" },
    });
    const full = {
      number: "RO-7",
      plate: " 沪A12345 ",
      vin: "lsvaa49j132047371",
      work: "刹车",
      flatRateHours: "1,5",
      promised: "2026-11-21T15:30",
    };
    expect(newJobRequest(full, nobody, "Asia/Shanghai")).toEqual({
      job: {
        number: "RO-7",
        work: "刹车",
        plate: "沪A12345",
        vin: "LSVAA49J132047371",
        flatRateHours: 1.5,
        promisedAt: Date.UTC(2026, 10, 21, 7, 30),
      },
    });
  });

  it("names what is wrong by field", () => {
    const wrong = { ...EMPTY_JOB, vin: "LSVIIIIJ132047371", flatRateHours: "soon" };
    expect(newJobRequest(wrong, nobody, "Asia/Shanghai")).toEqual({
      problems: { number: "numberNeeded", vin: "vinWrong", flatRateHours: "hoursWrong" },
    });
  });
});
