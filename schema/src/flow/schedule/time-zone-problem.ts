/** What is wrong with the name of a time zone; null for one of the IANA database, spelled as it is there. */
export const timeZoneProblem = (timeZone: string): string | null => {
  const unknown = `"${timeZone}" is no time zone. Write one of the IANA database, such as Europe/Berlin or UTC.`;
  // An offset is a time zone to JavaScript, and none to Temporal.
  if (!/^[A-Za-z]/.test(timeZone)) return unknown;
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
    const isOnlyCase = known !== timeZone && known.toLowerCase() === timeZone.toLowerCase();
    return isOnlyCase ? `Write the time zone "${timeZone}" as ${known}.` : null;
  } catch {
    return unknown;
  }
};
