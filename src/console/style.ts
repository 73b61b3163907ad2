/**
 * How the console looks: a dozen colors for light and dark, system fonts, one sheet without any
 * other host.
 */
import { PARTS } from './style-parts.ts'

/** Its line breaks are for reading here, and taken out once. */
export const STYLE = `
:root{
  color-scheme:light dark;
  --ground:light-dark(#f7f6f3,#141518);
  --card:light-dark(#fff,#1c1e22);
  --ink:light-dark(#1c1d21,#eceae6);
  --soft:light-dark(#5a5c65,#a9abb3);
  --line:light-dark(#e2e0da,#33363d);
  --edge:light-dark(#85868e,#7d8089);
  --accent:light-dark(#1d55ad,#93bdff);
  --on-accent:light-dark(#fff,#10131a);
  --good:light-dark(#1a6538,#74d29a);
  --bad:light-dark(#a12327,#ff9f99);
  --warn:light-dark(#7d4a00,#f2bd62);
  --busy:light-dark(#4a4596,#b9b3ff);
  --grave:light-dark(#a12327,#b2353b);
  --radius:.5rem;
  font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
  accent-color:var(--accent);
  -webkit-text-size-adjust:100%
}
[data-theme=light]{color-scheme:light}
[data-theme=dark]{color-scheme:dark}
*{box-sizing:border-box}
html{scroll-padding-top:5rem}
body{
  margin:0;
  min-height:100vh;
  display:flex;
  flex-direction:column;
  background:var(--ground);
  color:var(--ink);
  font-variant-numeric:tabular-nums;
  text-rendering:optimizeLegibility
}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}
h1{font-size:1.6rem;line-height:1.2;font-weight:650;letter-spacing:-.015em;text-wrap:balance}
h2{font-size:1.05rem;line-height:1.3;font-weight:650;letter-spacing:-.005em}
h3{font-size:.95rem;font-weight:600}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.18em}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:.25rem}
main:focus{outline:none}
code,kbd,pre{
  font:.88em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
  overflow-wrap:anywhere
}
pre{
  margin:0;
  padding:.75rem 1rem;
  background:var(--ground);
  border:1px solid var(--line);
  border-radius:var(--radius);
  overflow:auto;
  white-space:pre-wrap;
  max-height:28rem
}
kbd{
  padding:.05rem .4rem;
  border:1px solid var(--edge);
  border-bottom-width:2px;
  border-radius:.3rem;
  background:var(--card)
}
.icon{flex:none;fill:currentColor;vertical-align:-.15em}
.icon .cut{fill:none;stroke:var(--card);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
.icon .line{
  fill:none;
  stroke:currentColor;
  stroke-width:1.7;
  stroke-linecap:round;
  stroke-linejoin:round
}
.out{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-99rem;top:.5rem;z-index:9;padding:.5rem 1rem;background:var(--card)}
.skip:focus{left:.5rem}
header{
  position:sticky;
  top:0;
  z-index:5;
  display:flex;
  flex-wrap:wrap;
  align-items:center;
  gap:.25rem 1rem;
  padding:.5rem max(1rem,calc((100vw - 72rem)/2));
  background:var(--card);
  border-bottom:1px solid var(--line)
}
.brand{
  font-weight:750;
  font-size:1.1rem;
  letter-spacing:-.03em;
  color:var(--ink);
  text-decoration:none;
  padding:.3rem 0
}
nav{display:flex;flex-wrap:wrap;gap:.1rem}
nav a{
  padding:.35rem .65rem;
  border-radius:var(--radius);
  color:var(--soft);
  text-decoration:none;
  font-weight:500
}
nav a:hover{color:var(--ink);background:var(--ground)}
nav a[aria-current]{color:var(--ink);background:var(--ground);font-weight:650}
.count:empty{display:none}
.count{
  display:inline-block;
  min-width:1.35em;
  padding:0 .4em;
  border-radius:1em;
  background:var(--bad);
  color:var(--card);
  font-size:.8em;
  text-align:center;
  font-weight:700
}
.find{flex:1 1 9rem;max-width:17rem;margin-left:auto}
.find input{width:100%}
.who{display:flex;align-items:center;gap:.5rem;margin-left:auto;color:var(--soft);font-size:.9rem}
.banner{
  display:flex;
  gap:.5rem;
  align-items:center;
  justify-content:center;
  padding:.35rem 1rem;
  font-size:.87rem;
  color:var(--warn);
  background:color-mix(in srgb,var(--warn) 9%,var(--card));
  border-bottom:1px solid var(--line)
}
main{flex:1;width:100%;max-width:74rem;margin:0 auto;padding:1.75rem 1rem 3rem}
footer{
  display:flex;
  flex-wrap:wrap;
  gap:.5rem 1.5rem;
  align-items:start;
  width:100%;
  max-width:74rem;
  margin:0 auto;
  padding:1rem;
  border-top:1px solid var(--line);
  color:var(--soft);
  font-size:.87rem
}
footer form{display:flex;flex-wrap:wrap;gap:.25rem 1rem}
.keys dl{
  display:grid;
  grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));
  gap:.35rem 1rem;
  padding:.75rem 0
}
.keys dl div{display:flex;gap:.6rem}
.keys[open]{flex-basis:100%}
input,textarea,select,button,.button{font:inherit;color:inherit}
input:not([type=radio],[type=checkbox]),textarea,select{
  min-height:2.2rem;
  padding:.35rem .6rem;
  background:var(--card);
  border:1px solid var(--edge);
  border-radius:var(--radius);
  max-width:100%
}
textarea{min-height:4.5rem;width:100%;resize:vertical}
input::placeholder,textarea::placeholder{color:var(--soft);opacity:1}
[aria-invalid]{border-color:var(--bad);border-width:2px}
button,.button{
  display:inline-flex;
  align-items:center;
  justify-content:center;
  min-height:2.2rem;
  padding:.35rem .9rem;
  border:1px solid var(--edge);
  border-radius:var(--radius);
  background:var(--card);
  font-weight:550;
  text-decoration:none;
  cursor:pointer;
  color:var(--ink)
}
button:hover,.button:hover{border-color:var(--ink)}
.is-first{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
.is-grave{background:var(--grave);border-color:var(--grave);color:#fff}
.plain{
  min-height:1.6rem;
  padding:.1rem .5rem;
  border-color:transparent;
  background:none;
  color:var(--soft)
}
.plain[aria-pressed=true]{border-color:var(--edge);color:var(--ink)}
${PARTS}
@media (max-width:52rem){
  header{position:static}
  .find{max-width:none;order:9}
  .rows thead,.diff thead{display:none}
  .rows tr,.rows td,.rows th,.diff tr,.diff td,.diff th{display:block;border:0}
  .diff tr{padding:.6rem 0}
  .rows tr{padding:.6rem 1rem}
  .rows tr,.diff tr{border-bottom:1px solid var(--line)}
  .rows tr:last-child,.diff tr:last-child{border:0}
  .rows td,.rows td:first-child,.rows td:last-child,.rows th:first-child{padding:.1rem 0}
  .named td[data-name]:before{content:attr(data-name)': ';color:var(--soft)}
  .diff td,.diff th,.diff th:first-child{padding:.1rem 0;width:auto}
  .line li{grid-template-columns:1fr auto}
  .line .what{grid-column:1/-1}
  .card{padding:.9rem 1rem}
  .rows .said{width:auto}
  .filters{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr))}
  .filters input,.filters select{width:100%}
  .rows td.age,.rows td.by,.rows .by span{display:inline}
  .rows .by .detail:before,.rows td.by:before{content:' · '}
  .head>div:last-child:not(:first-child){text-align:left}
  .who{order:1;margin-left:auto}
  nav{order:2;flex-basis:100%;margin-left:-.4rem}
  nav a{padding:.35rem .32rem;font-size:.85rem}
  header>.button{order:3}
  .money{text-align:left}
  table.lines .money{text-align:right}
  .wide tr{display:grid;grid-template-columns:repeat(5,1fr);align-items:end}
  .wide th,.wide td{padding-right:.3rem;white-space:normal}
  .wide thead th{font-size:.72rem}
  .wide thead th:first-child{display:none}
  .wide tbody th:first-child{grid-column:1/-1;border:0;padding-bottom:0}
  .wide .money{text-align:right}
  .orders{grid-template-columns:1fr}
  .status{white-space:normal}
}
@media (prefers-reduced-motion:no-preference){
  .is-sending .icon,.is-in_doubt .icon{animation:breathe 2s ease-in-out infinite}
  @keyframes breathe{50%{opacity:.35}}
}
@media (forced-colors:active){
  .plain[aria-pressed=true]{border-color:Highlight;border-width:2px}
  .icon .cut{stroke:Canvas}
  .bar{border:1px solid CanvasText}
  .bar rect{forced-color-adjust:none}
  .chart{forced-color-adjust:none}
  .chart rect:not(.hatch),.chart text{fill:CanvasText}
  .chart rect,.chart pattern path{stroke:Canvas}
  .chart .ground{stroke:CanvasText}
  .todo,.is-alarm{border-left:4px solid Highlight}
}
@media print{header,footer,.acts{display:none}}
`.replaceAll(/\n\s*/g, '')

export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" ' +
  'rx="8" fill="#1d55ad"/><path d="M11 11h7a4.5 4.5 0 0 1 0 9h-8m4-4-4 4 4 4" fill="none" ' +
  'stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>'
