/** A running part of the local stack: one real engine, or one stand-in for a vendor. */
export interface Engine {
  /** Short and stable; it is what the status page and the crash report say. */
  readonly name: string;
  /** What runs, with its version: `DocumentDB 1.0 on PostgreSQL 18`. */
  readonly version: string;
  /** Where it listens, as a person would write it. */
  readonly address: string;
  readonly pid?: number;
  readonly startedInMs: number;
  /** The environment variables that point the product's own clients at this engine. */
  readonly env: Readonly<Record<string, string>>;
  /** Settles with a reason when the engine ends without having been asked to. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

export interface Place {
  /** Where the engine keeps what must survive a restart; made by the caller, owned by the engine. */
  readonly dataDir: string;
  /** Where the engine's own output goes. */
  readonly logFile: string;
  /** The address of the product's front door, for engines that call back. */
  readonly publicUrl: string;
}

/** Starts one engine and resolves when it answers. Rejects with one clear sentence when it cannot. */
export type StartEngine = (place: Place) => Promise<Engine>;
