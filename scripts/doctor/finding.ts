/** One line of the doctor's table. */
export interface Finding {
  readonly what: string;
  /** `note`: npm start takes care of it. `fix`: a person must act first. */
  readonly state: 'ok' | 'note' | 'fix';
  /** What is there, or what to do. */
  readonly detail: string;
}

export const ok = (what: string, detail: string): Finding => ({ what, state: 'ok', detail });
export const note = (what: string, detail: string): Finding => ({ what, state: 'note', detail });
export const fix = (what: string, detail: string): Finding => ({ what, state: 'fix', detail });

/** A check that refuses by throwing, as a finding. */
export const examine = async (what: string, check: () => Promise<string> | string): Promise<Finding> => {
  try {
    return ok(what, await check());
  } catch (error) {
    return fix(what, error instanceof Error ? error.message : String(error));
  }
};
