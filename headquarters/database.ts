/** A row as it comes from the database: whole numbers as numbers, json as values. */
export type Row = Readonly<Record<string, unknown>>;

/** What a statement can be run on: the database itself or a transaction of it. */
export interface Queryable {
  /** PostgreSQL's own SQL with `$1` parameters; arrays are given as arrays. */
  query(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
}

/** One SQL database behind the store. Both kinds speak the same SQL, so that the tests of one are the tests of the other. */
export interface Database extends Queryable {
  readonly kind: "postgresql" | "embedded";
  /** Runs `work` in one transaction; what it throws rolls everything back. Resolves after the commit. */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new TypeError(`column ${column} is not text`);
  return value;
}

export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new TypeError(`column ${column} is not a number`);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : number(row, column);
}
