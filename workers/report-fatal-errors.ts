/**
 * Leaves a note of what a fatal error was, for main (src/pools/fatal-report.ts). Who has reports of his own keeps those.
 */
import { REPORT_FD } from "../src/wire/worker-boot.ts";

/** Newer than the types of the oldest Node. */
type Report = NodeJS.ProcessReport & { excludeNetwork?: boolean };

export function reportFatalErrors(): void {
  const report = process.report as Report | undefined;
  // There is no path to an open file on Windows.
  if (report === undefined || report.reportOnFatalError || process.platform === "win32") return;
  report.reportOnFatalError = true;
  report.directory = "/dev/fd";
  report.filename = String(REPORT_FD);
  report.compact = true;
  // It would ask for the names of all peers, one after the other.
  report.excludeNetwork = true;
}
