import { cgroupQuota, cpusWithin, usableCpus } from "#internal/pools/usable-cpus";
import os from "node:os";
import { afterEach, describe, expect, test } from "vitest";

/** The quota that a system with these files grants. */
const quotaOf = (files: Readonly<Record<string, string>>): number => cgroupQuota((file) => files[file]);

const v2 = (limits: Readonly<Record<string, string>>, group = "/"): Record<string, string> => ({
  "/proc/self/cgroup": `0::${group}\n`,
  ...Object.fromEntries(
    Object.entries(limits).map(([folder, limit]) => [`/sys/fs/cgroup${folder}cpu.max`, limit]),
  ),
});

const v1 = (
  limits: Readonly<Record<string, readonly [string, string]>>,
  group: string,
): Record<string, string> => ({
  "/proc/self/cgroup": `12:pids:${group}\n4:cpu,cpuacct:${group}\n1:name=systemd:${group}\n`,
  ...Object.fromEntries(
    Object.entries(limits).flatMap(([folder, [quota, period]]) => [
      [`/sys/fs/cgroup/cpu${folder}cpu.cfs_quota_us`, quota],
      [`/sys/fs/cgroup/cpu${folder}cpu.cfs_period_us`, period],
    ]),
  ),
});

describe("cgroup version 2", () => {
  test.each([
    ["150000 100000\n", 1.5],
    ["50000 100000\n", 0.5],
    ["400000 100000\n", 4],
    ["20000 10000", 2],
    ["max 100000\n", Infinity],
  ])("a limit of %j is %d CPUs", (limit, cpus) => {
    expect(quotaOf(v2({ "/": limit }))).toBe(cpus);
  });

  test.each(["", "\n", "garbage", "100000", "max", "0 100000", "-1 100000", "1 0", "a b", "NaN NaN"])(
    "a limit of %j is none",
    (limit) => {
      expect(quotaOf(v2({ "/": limit }))).toBe(Infinity);
    },
  );

  test("the tightest of nested limits counts, wherever it stands", () => {
    const group = "/system.slice/docker-1.scope/app";
    const limits = (own: string, middle: string, top: string): Record<string, string> =>
      v2(
        {
          [`${group}/`]: own,
          "/system.slice/docker-1.scope/": middle,
          "/system.slice/": top,
        },
        group,
      );
    const [tight, wide, none] = ["100000 100000", "300000 100000", "max 100000"];
    expect(quotaOf(limits(tight, wide, none))).toBe(1);
    expect(quotaOf(limits(wide, tight, none))).toBe(1);
    expect(quotaOf(limits(none, wide, tight))).toBe(1);
    expect(quotaOf(limits(none, none, none))).toBe(Infinity);
  });

  test("a container sees its own group as the root, whatever its path outside was", () => {
    expect(quotaOf(v2({ "/": "200000 100000" }, "/../../pod/container"))).toBe(2);
    expect(quotaOf(v2({ "/": "200000 100000" }, "/not/mounted/here"))).toBe(2);
  });
});

describe("cgroup version 1", () => {
  test.each([
    ["150000\n", "100000\n", 1.5],
    ["50000", "100000", 0.5],
    ["-1\n", "100000\n", Infinity],
    ["0", "100000", Infinity],
    ["", "", Infinity],
    ["garbage", "100000", Infinity],
    ["100000", "garbage", Infinity],
    ["100000", "0", Infinity],
  ])("a quota of %j in %j is %d CPUs", (quota, period, cpus) => {
    expect(quotaOf(v1({ "/docker/1/": [quota, period] }, "/docker/1"))).toBe(cpus);
  });

  test("the tightest of nested limits counts, up to the root", () => {
    const group = "/kubepods/pod1/container1";
    const limits = {
      [`${group}/`]: ["-1", "100000"],
      "/kubepods/pod1/": ["250000", "100000"],
      "/": ["400000", "100000"],
    } as const;
    expect(quotaOf(v1(limits, group))).toBe(2.5);
    // As seen from inside: the path is the host's, and only the root is there.
    expect(quotaOf(v1({ "/": ["50000", "100000"] }, group))).toBe(0.5);
  });

  test("a period without a quota, and a quota without a period, are none", () => {
    const files = v1({ "/": ["100000", "100000"] }, "/");
    for (const gone of ["cpu.cfs_quota_us", "cpu.cfs_period_us"]) {
      const left = Object.fromEntries(Object.entries(files).filter(([file]) => !file.endsWith(gone)));
      expect(quotaOf(left)).toBe(Infinity);
    }
  });

  test("only the controller cpu counts, not cpuset", () => {
    expect(
      quotaOf({
        "/proc/self/cgroup": "3:cpuset:/\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "100000",
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
      }),
    ).toBe(Infinity);
  });
});

describe("elsewhere", () => {
  test("both versions side by side: the tighter one counts", () => {
    const files = { ...v2({ "/": "300000 100000" }), ...v1({ "/": ["200000", "100000"] }, "/") };
    files["/proc/self/cgroup"] = "4:cpu:/\n0::/\n";
    expect(quotaOf(files)).toBe(2);
  });

  test.each(["", "\n", "garbage", "0:", "::", "0::", "x:cpu:/", "0::relative/path\n"])(
    "no limit where /proc/self/cgroup is %j",
    (text) => {
      expect(quotaOf({ "/proc/self/cgroup": text })).toBe(Infinity);
    },
  );

  test("no limit where there are no cgroups", () => {
    expect(quotaOf({})).toBe(Infinity);
  });
});

describe("usable CPUs", () => {
  test.each([
    [4, Infinity, 4],
    [4, 1.5, 2],
    [4, 0.5, 1],
    [4, 2, 2],
    [4, 8, 4],
    [1, 1.5, 1],
    [4, 0.001, 1],
    [0, Infinity, 1],
  ])("of %d with a quota of %d are %d", (parallelism, quota, workers) => {
    expect(cpusWithin(parallelism, quota)).toBe(workers);
  });

  const before = process.env["OFFLOOP_MAX_WORKERS"];
  afterEach(() => {
    if (before === undefined) delete process.env["OFFLOOP_MAX_WORKERS"];
    else process.env["OFFLOOP_MAX_WORKERS"] = before;
  });

  test.each([
    ["1", 1],
    ["64", 64],
    [" 3 ", 3],
  ])("OFFLOOP_MAX_WORKERS=%j overrides them", (text, workers) => {
    process.env["OFFLOOP_MAX_WORKERS"] = text;
    expect(usableCpus()).toBe(workers);
  });

  test.each(["0", "-1", "1.5", "many", "Infinity", "NaN", " ", "2;rm"])(
    "OFFLOOP_MAX_WORKERS=%j is refused",
    (text) => {
      process.env["OFFLOOP_MAX_WORKERS"] = text;
      expect(() => usableCpus()).toThrow(RangeError);
      expect(() => usableCpus()).toThrow(`"${text}"`);
    },
  );

  test("without it, or with an empty one, they are this machine's", () => {
    for (const text of [undefined, ""]) {
      if (text === undefined) delete process.env["OFFLOOP_MAX_WORKERS"];
      else process.env["OFFLOOP_MAX_WORKERS"] = text;
      expect(usableCpus()).toBeGreaterThanOrEqual(1);
      expect(usableCpus()).toBeLessThanOrEqual(os.availableParallelism());
    }
  });
});
