/** Characters a note may have. */
export const MAX_LENGTH = 2000;

/** Notes one person may have. */
export const MAX_NOTES = 100;
