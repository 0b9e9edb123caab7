import { type RefObject, useEffect, useRef } from "react";

/** The newest value, for what is pressed later than it was drawn. */
export function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}
