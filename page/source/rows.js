// Rows of the tables in an answer. This file draws nothing.

/** Return the rows of a table that belong to a scenario; none where the answer or the table is missing.
 * @returns {Record<string, any>[]} */
export const rowsOf = (answer, table, scenario) => (answer?.tables?.[table] ?? []).filter((row) => row.scenario === scenario);
