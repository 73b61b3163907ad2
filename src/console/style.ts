/**
 * How the console looks: a dozen colors for light and dark, system fonts, one sheet without any
 * other host.
 */
export const STYLE = `
:root{color-scheme:light dark;--ground:light-dark(#f7f6f3,#141518);--card:light-dark(#fff,#1c1e22);--ink:light-dark(#1c1d21,#eceae6);--soft:light-dark(#5a5c65,#a9abb3);--line:light-dark(#e2e0da,#33363d);
--edge:light-dark(#85868e,#7d8089);--accent:light-dark(#1d55ad,#93bdff);--on-accent:light-dark(#fff,#10131a);--good:light-dark(#1a6538,#74d29a);--bad:light-dark(#a12327,#ff9f99);--warn:light-dark(#7d4a00,#f2bd62);--busy:light-dark(#4a4596,#b9b3ff);--grave:light-dark(#a12327,#b2353b);
--radius:.5rem;font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;accent-color:var(--accent);-webkit-text-size-adjust:100%}
[data-theme=light]{color-scheme:light}[data-theme=dark]{color-scheme:dark}
*{box-sizing:border-box}html{scroll-padding-top:5rem}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:var(--ground);color:var(--ink);font-variant-numeric:tabular-nums;text-rendering:optimizeLegibility}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}h1{font-size:1.6rem;line-height:1.2;font-weight:650;letter-spacing:-.015em;text-wrap:balance}h2{font-size:1.05rem;line-height:1.3;font-weight:650;letter-spacing:-.005em}h3{font-size:.95rem;font-weight:600}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.18em}a:hover{text-decoration-thickness:2px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:.25rem}main:focus{outline:none}
code,kbd,pre{font:.88em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{margin:0;padding:.75rem 1rem;background:var(--ground);border:1px solid var(--line);border-radius:var(--radius);overflow:auto;white-space:pre-wrap;max-height:28rem}
kbd{padding:.05rem .4rem;border:1px solid var(--edge);border-bottom-width:2px;border-radius:.3rem;background:var(--card)}
.icon{flex:none;fill:currentColor;vertical-align:-.15em}.icon .cut{fill:none;stroke:var(--card);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}.icon .line{fill:none;stroke:currentColor;stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
.out{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-99rem;top:.5rem;z-index:9;padding:.5rem 1rem;background:var(--card)}.skip:focus{left:.5rem}
header{position:sticky;top:0;z-index:5;display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1rem;padding:.5rem max(1rem,calc((100vw - 72rem)/2));background:var(--card);border-bottom:1px solid var(--line)}
.brand{font-weight:750;font-size:1.1rem;letter-spacing:-.03em;color:var(--ink);text-decoration:none;padding:.3rem 0}
nav{display:flex;flex-wrap:wrap;gap:.1rem}nav a{padding:.35rem .65rem;border-radius:var(--radius);color:var(--soft);text-decoration:none;font-weight:500}nav a:hover{color:var(--ink);background:var(--ground)}nav a[aria-current]{color:var(--ink);background:var(--ground);font-weight:650}
.count:empty{display:none}.count{display:inline-block;min-width:1.35em;padding:0 .4em;border-radius:1em;background:var(--bad);color:var(--card);font-size:.8em;text-align:center;font-weight:700}
.find{flex:1 1 9rem;max-width:17rem;margin-left:auto}.find input{width:100%}
.who{display:flex;align-items:center;gap:.5rem;color:var(--soft);font-size:.9rem}
.banner{display:flex;gap:.5rem;align-items:center;justify-content:center;padding:.35rem 1rem;font-size:.87rem;color:var(--warn);background:color-mix(in srgb,var(--warn) 9%,var(--card));border-bottom:1px solid var(--line)}
main{flex:1;width:100%;max-width:74rem;margin:0 auto;padding:1.75rem 1rem 3rem}
footer{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:start;width:100%;max-width:74rem;margin:0 auto;padding:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.87rem}footer form{display:flex;flex-wrap:wrap;gap:.25rem 1rem}
.keys dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.35rem 1rem;padding:.75rem 0}.keys dl div{display:flex;gap:.6rem}.keys[open]{flex-basis:100%}
input,textarea,select,button,.button{font:inherit;color:inherit}
input:not([type=radio],[type=checkbox]),textarea,select{min-height:2.2rem;padding:.35rem .6rem;background:var(--card);border:1px solid var(--edge);border-radius:var(--radius);max-width:100%}
textarea{min-height:4.5rem;width:100%;resize:vertical}input::placeholder,textarea::placeholder{color:var(--soft);opacity:1}[aria-invalid]{border-color:var(--bad);border-width:2px}
button,.button{display:inline-flex;align-items:center;justify-content:center;min-height:2.2rem;padding:.35rem .9rem;border:1px solid var(--edge);border-radius:var(--radius);background:var(--card);font-weight:550;text-decoration:none;cursor:pointer;color:var(--ink)}
button:hover,.button:hover{border-color:var(--ink)}.is-first{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}.is-grave{background:var(--grave);border-color:var(--grave);color:#fff}
.plain{min-height:1.6rem;padding:.1rem .5rem;border-color:transparent;background:none;color:var(--soft)}.plain[aria-pressed=true]{border-color:var(--edge);color:var(--ink)}
.head{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:start;justify-content:space-between;margin-bottom:1.25rem}.head p{color:var(--soft)}.head .status{font-size:1.1rem}.head>div:last-child:not(:first-child){text-align:right}.head.sub{margin:1.75rem 0 .6rem}.head.sub h2{display:flex;gap:.4rem;align-items:center}.card>.head{margin-bottom:.3rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:calc(var(--radius)*1.5);padding:1.1rem 1.25rem;margin-bottom:1rem}.card>h2{margin-bottom:.6rem}.card>p+p{margin-top:.4rem}.card>.lead+.diff{margin-top:.6rem}
.head>div,.head p,h1,.diff th,.diff td,.detail,.banner,.who,.lead,.what,.todo li,.line .what,.empty{min-width:0;overflow-wrap:anywhere}.head code{user-select:all}.lead{font-size:1.15rem;line-height:1.5;text-wrap:pretty}.soft,.hint{color:var(--soft)}.hint{font-size:.87rem}.error{display:flex;gap:.35rem;align-items:center;color:var(--bad);font-size:.9rem;font-weight:550}
.todo{background:linear-gradient(to right,var(--warn) 4px,var(--card) 4px)}.todo ul{list-style:none}.todo h2{margin-bottom:.25rem}.is-alarm{background:linear-gradient(to right,var(--bad) 4px,var(--card) 4px)}
.status{display:inline-flex;align-items:center;gap:.4rem;font-weight:620;white-space:nowrap}.is-succeeded{color:var(--good)}.is-rejected{color:var(--soft)}.is-needs_attention{color:var(--bad)}.is-in_doubt{color:var(--warn)}.is-accepted,.is-sending{color:var(--busy)}
table{width:100%;border-collapse:collapse}th{text-align:left;font-weight:550;font-size:.85rem;color:var(--soft)}th,td{padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child>td,tr:last-child>th{border-bottom:0}tbody th{color:var(--ink);font-size:1em}.money{text-align:right;white-space:nowrap}
.rows{background:var(--card);border:1px solid var(--line);border-radius:calc(var(--radius)*1.5);overflow:clip;margin-bottom:1rem}.rows th,.rows td{padding:.55rem .75rem}.rows th:first-child,.rows td:first-child{padding-left:1.25rem}.rows tbody tr:hover{background:color-mix(in srgb,var(--accent) 5%,var(--card))}.rows tr:focus-within{box-shadow:inset 3px 0 var(--accent)}.rows .said{color:var(--soft);width:44%;text-wrap:pretty}.rows .order,.rows .detail{min-width:9rem}.rows .order+.detail{min-width:12rem}.rows td{overflow-wrap:anywhere}.rows th{white-space:nowrap}.rows .by span{display:block;min-width:7rem}.rows .age{white-space:nowrap}.rows .order{font-weight:620;overflow-wrap:anywhere}
.differs{color:var(--warn);font-weight:620}.as-asked{color:var(--good)}.mark{display:inline-flex;gap:.4rem;align-items:baseline}.mark .icon{align-self:center}.detail{display:block;color:var(--soft);font-size:.9rem;font-weight:400}
.diff{table-layout:fixed}.diff th:first-child{width:25%}.diff th:last-child{width:21%}.line{list-style:none}.line li{display:grid;grid-template-columns:6.5rem 7.5rem 1fr auto;gap:0 .75rem;padding:.3rem 0}.line time{color:var(--soft)}
details>summary{cursor:pointer;padding:.25rem 0;min-height:1.6rem;width:fit-content}details[open]>summary{margin-bottom:.4rem}.act>summary{display:inline-flex;align-items:center;min-height:2rem;margin-top:.6rem;padding:.2rem .8rem;border:1px solid var(--edge);border-radius:var(--radius);font-weight:550;list-style:none}.act>summary::-webkit-details-marker{display:none}.act>summary:hover{border-color:var(--ink)}.act[open]>summary{margin-bottom:1rem}.folds dl{padding:.25rem 0 .75rem}.folds dd{margin-bottom:.4rem}
.folds details+details{border-top:1px solid var(--line)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr));gap:.75rem 1.25rem}.facts dt{color:var(--soft);font-size:.85rem}.facts dd{font-weight:550;overflow-wrap:anywhere}
.filters{display:flex;flex-wrap:wrap;gap:.6rem .75rem;align-items:end;margin-bottom:1rem}.filters label{display:block;font-size:.85rem;color:var(--soft)}.filters input{width:9.5rem}.filters input,.filters select,.filters button{height:2.3rem}
.chips{display:flex;flex-wrap:wrap;gap:.4rem;margin-bottom:1rem}.chips a{padding:.2rem .75rem;border:1px solid var(--line);border-radius:2rem;background:var(--card);color:var(--ink);text-decoration:none;min-height:1.75rem}.chips a[aria-current]{border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent);font-weight:620}
.field,.field+details{margin-bottom:.9rem}.field>label,legend{display:block;font-weight:600;padding:0 0 .2rem}.field input:not([type=radio],[type=checkbox],[type=file]),.field select,.field textarea{width:100%;max-width:40rem}fieldset{border:0;margin:0 0 .9rem;padding:0;min-width:0}.choice{display:flex;gap:.2rem 1.25rem;flex-wrap:wrap}.choice label,.options label{display:flex;gap:.5rem;align-items:center;min-height:1.75rem}.options label{align-items:start;padding:.15rem 0}.options input{margin-top:.24rem}.options small{color:var(--soft);font-size:.9rem}
input[type=radio],input[type=checkbox]{width:1.1rem;height:1.1rem;margin:0;flex:none}
.acts{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}.acts form{display:contents}.card>.acts{margin-top:1rem}.card.acts{padding-block:.9rem}
.empty{padding:3rem 1rem;text-align:center}.empty h1,.empty h2{margin-bottom:.5rem}.empty pre{text-align:left;max-width:46rem;margin:1rem auto 0}.is-trouble h1{color:var(--bad)}
.login{max-width:23rem;margin:12vh auto 0;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:1rem}.login h1{margin-bottom:.25rem}.login>p{margin-bottom:1.25rem}.login button{width:100%}.login .hint{margin:1rem 0 0}
.bar{display:block;width:100%;height:.9rem;border-radius:.45rem;overflow:clip;background:var(--line)}.bar rect.is-succeeded{fill:var(--good)}.bar rect.is-rejected{fill:var(--edge)}.bar rect.is-needs_attention{fill:var(--bad)}.bar rect.is-in_doubt{fill:var(--warn)}.bar rect.is-sending{fill:var(--busy)}.bar rect.is-accepted{fill:var(--line)}
.lead+.bar{margin-top:.6rem}.legend li{display:flex;gap:.4rem;align-items:center}.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin-top:.6rem}
.matrix{overflow-x:auto}.matrix table{min-width:62rem}.matrix th:first-child{position:sticky;left:0;background:var(--card);min-width:8rem}.matrix td{font-size:.9rem;min-width:9rem}.can{font-weight:620;white-space:nowrap}.is-never,.is-unknown{color:var(--soft)}.is-always{color:var(--warn)}.is-choose{color:var(--good)}
.more{display:flex;justify-content:space-between;gap:1rem}.orders{list-style:none;display:grid;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr));gap:.1rem 1.5rem}.orders li{padding:.3rem 0}.orders span{display:block;font-size:.87rem;color:var(--soft)}
@media (max-width:52rem){header{position:static}.find{max-width:none;order:9}.matrix th:first-child{width:6.5rem;min-width:6.5rem}.rows thead,.diff thead{display:none}.rows tr,.rows td,.diff tr,.diff td,.diff th{display:block;border:0}.diff tr{padding:.6rem 0}.rows tr{padding:.6rem 1rem}.rows tr,.diff tr{border-bottom:1px solid var(--line)}.rows tr:last-child,.diff tr:last-child{border:0}.rows td,.rows td:first-child,.rows td:last-child{padding:.1rem 0}.diff td,.diff th,.diff th:first-child{padding:.1rem 0;width:auto}.line li{grid-template-columns:1fr auto}.line .what{grid-column:1/-1}.card{padding:.9rem 1rem}.rows .said{width:auto}.filters{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr))}.filters input,.filters select{width:100%}.rows td.age,.rows td.by,.rows .by span{display:inline}.rows .by .detail:before,.rows td.by:before{content:' · '}.head>div:last-child:not(:first-child){text-align:left}.who{order:1;margin-left:auto}nav{order:2;flex-basis:100%;margin-left:-.4rem}nav a{padding:.35rem .32rem;font-size:.85rem}header>.button{order:3}.money{text-align:left}table.lines .money{text-align:right}.orders{grid-template-columns:1fr}.status{white-space:normal}}
@media (prefers-reduced-motion:no-preference){.is-sending .icon,.is-in_doubt .icon{animation:breathe 2s ease-in-out infinite}@keyframes breathe{50%{opacity:.35}}}
@media (forced-colors:active){.plain[aria-pressed=true]{border-color:Highlight;border-width:2px}.icon .cut{stroke:Canvas}.bar{border:1px solid CanvasText}.bar rect{forced-color-adjust:none}.todo,.is-alarm{border-left:4px solid Highlight}}
@media print{header,footer,.acts{display:none}}
`

export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" ' +
  'rx="8" fill="#1d55ad"/><path d="M11 11h7a4.5 4.5 0 0 1 0 9h-8m4-4-4 4 4 4" fill="none" ' +
  'stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>'
