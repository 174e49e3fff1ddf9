import { DARK_SERIES_CSS } from "./series.ts";

const DARK = `:root{--paper:#14171a;--ink:#e3e6e8;--soft:#9aa3aa;--line:#333a40;--link:#56b4e9}${DARK_SERIES_CSS}`;

/** Holds the style sheet of a report. */
export const STYLE: string = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f23;--soft:#59636b;--line:#d9dde0;--link:#0072b2}
@media screen and (prefers-color-scheme:dark){${DARK}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:768px;margin:0 auto;padding:48px 24px 72px}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .5em;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.25rem;line-height:1.3;margin:0 0 .6em;font-weight:650}
p{margin:0 0 .8em;overflow-wrap:anywhere;white-space:pre-line}
section{margin-top:44px}
.summary{font-size:1.08rem;color:var(--soft)}
.facts{display:flex;flex-wrap:wrap;gap:1px;margin:24px 0 0;background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden}
.facts div{flex:1 1 140px;background:var(--paper);padding:12px 16px}
.facts dt{font-size:.8rem;color:var(--soft)}
.facts dd{margin:2px 0 0;font-size:1.2rem;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
figure{margin:0}
figcaption,.note,footer{font-size:.875rem;color:var(--soft);margin-top:10px}
svg{display:block;max-width:100%;height:auto}
.narrow{display:none}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.925rem;font-variant-numeric:tabular-nums}
th,td{padding:7px 14px 7px 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
th:last-child,td:last-child{padding-right:0}
th{font-weight:600;color:var(--soft);font-size:.85rem;vertical-align:bottom}
.right{text-align:right}.center{text-align:center}
details{margin-top:10px;font-size:.875rem}
summary{cursor:pointer;color:var(--link);width:fit-content}
details .scroll{max-height:320px;overflow:auto;margin-top:8px}
.grid{display:grid;gap:6px}
.labelled{grid-template-columns:max-content 1fr;column-gap:16px;align-items:center}
.row-label{margin:0;font-size:.875rem;color:var(--soft);grid-column:1}
.tiles{display:grid;gap:4px;grid-template-columns:repeat(var(--columns,1),minmax(0,64px));min-width:0}
.labelled .tiles{grid-column:2}
.tiles.wrap{grid-template-columns:repeat(auto-fill,minmax(52px,1fr))}
.tiles img{display:block;width:100%;height:auto;image-rendering:pixelated;box-shadow:0 0 0 1px var(--line)}
footer{margin-top:56px;padding-top:14px;border-top:1px solid var(--line)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
@media screen and (max-width:640px){
main{padding:28px 16px 48px}
h1{font-size:1.55rem}
.wide{display:none}.narrow{display:block}
.labelled{grid-template-columns:1fr}
.labelled .tiles{grid-column:1}
.tiles{gap:3px}
}
@media print{
main{max-width:none;padding:0}
section{break-inside:avoid-page}h2{break-after:avoid}
table{break-inside:auto}tr{break-inside:avoid}
details{display:none}
*{print-color-adjust:exact}
}
`;
