/**
 * How many CPUs this process may really use. `os.availableParallelism()` knows the affinity mask; a container's CPU quota is
 * known only to its cgroup (libuv reads it from 1.49 on, Node 20 has 1.46). Read once: quotas do not change under a process
 * in practice.
 */
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export type ReadText = (file: string) => string | undefined;

const readText: ReadText = (file) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};

let usable: number | undefined;

/** The default of `maxWorkers`. At least 1. @throws RangeError when `OFFLOOP_MAX_WORKERS` is not a whole number from 1 on. */
export function usableCpus(): number {
  const override = process.env["OFFLOOP_MAX_WORKERS"];
  if (override !== undefined && override !== "") {
    const workers = Number(override);
    if (Number.isInteger(workers) && workers >= 1) return workers;
    throw new RangeError(`OFFLOOP_MAX_WORKERS must be a whole number, at least 1, got "${override}"`);
  }
  return (usable ??= cpusWithin(os.availableParallelism(), cgroupQuota(readText)));
}

/** A quota of 1.5 CPUs is worth two workers: each may use its half more in some periods. */
export function cpusWithin(parallelism: number, quota: number): number {
  return Math.max(1, Math.min(parallelism, Math.ceil(quota)));
}

/** CPUs that the cgroups grant, Infinity where they set no limit. The tightest level of the hierarchy counts. */
export function cgroupQuota(read: ReadText): number {
  let quota = Infinity;
  for (const { mount, group, version } of cgroups(read)) {
    for (let level = group; ; level = path.posix.dirname(level)) {
      const folder = path.posix.join(mount, level);
      quota = Math.min(quota, version === 2 ? quotaV2(read, folder) : quotaV1(read, folder));
      if (level === "/" || level === ".") break;
    }
  }
  return quota;
}

interface Cgroup {
  readonly mount: string;
  readonly group: string;
  readonly version: 1 | 2;
}

/** Lines of `/proc/self/cgroup`: `hierarchy:controllers:path`; version 2 is hierarchy 0 without controllers (man cgroups). */
function cgroups(read: ReadText): Cgroup[] {
  return (read("/proc/self/cgroup") ?? "").split("\n").flatMap((line): Cgroup[] => {
    const [, hierarchy, controllers, group] = /^(\d+):([^:]*):(.+)$/.exec(line) ?? [];
    if (group === undefined) return [];
    if (hierarchy === "0" && controllers === "") return [{ mount: "/sys/fs/cgroup", group, version: 2 }];
    return controllers?.split(",").includes("cpu") === true
      ? [{ mount: "/sys/fs/cgroup/cpu", group, version: 1 }]
      : [];
  });
}

/** `max 100000` or `150000 100000`: quota and period in microseconds. */
function quotaV2(read: ReadText, folder: string): number {
  const [quota, period] = (read(path.posix.join(folder, "cpu.max")) ?? "").trim().split(" ");
  return ratio(quota, period);
}

/** A quota of -1 is none. */
function quotaV1(read: ReadText, folder: string): number {
  return ratio(
    read(path.posix.join(folder, "cpu.cfs_quota_us")),
    read(path.posix.join(folder, "cpu.cfs_period_us")),
  );
}

function ratio(quota: string | undefined, period: string | undefined): number {
  const cpus = Number(quota) / Number(period);
  return cpus > 0 ? cpus : Infinity;
}
