/** A plate as the page shows it: its last characters alone. At least three stay hidden, so that a short plate is not shown whole. */
export function maskPlate(plate: string | null, shown: number): string | null {
  if (plate === null) return null;
  const letters = [...plate.replace(/[\s·-]/g, "")];
  const visible = Math.max(0, Math.min(shown, letters.length - 3));
  return `•••${visible === 0 ? "" : letters.slice(-visible).join("")}`;
}
