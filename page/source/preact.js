// Preact with htm's templates: `html` makes elements from text, without a step that compiles JSX.
import htm from "htm";
import { h, render } from "preact";
import { useEffect, useErrorBoundary, useId, useMemo, useRef, useState } from "preact/hooks";

export const html = htm.bind(h);
export { render, useEffect, useErrorBoundary, useId, useMemo, useRef, useState };
