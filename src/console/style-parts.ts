/** How the parts of pages look: the middle of the console's one sheet. */
export const PARTS = `
.head{
  display:flex;
  flex-wrap:wrap;
  gap:.5rem 1.5rem;
  align-items:start;
  justify-content:space-between;
  margin-bottom:1.25rem
}
.head p{color:var(--soft)}
.head .status{font-size:1.1rem}
.head>div:last-child:not(:first-child){text-align:right}
.head.sub{margin:1.75rem 0 .6rem}
.head.sub h2{display:flex;gap:.4rem;align-items:center}
.card>.head{margin-bottom:.3rem}
.card{
  background:var(--card);
  border:1px solid var(--line);
  border-radius:calc(var(--radius)*1.5);
  padding:1.1rem 1.25rem;
  margin-bottom:1rem
}
.card>h2{margin-bottom:.6rem}
.card>p+p{margin-top:.4rem}
.card>.lead+.diff{margin-top:.6rem}
.head>div,.head p,h1,.diff th,.diff td,.detail,.banner,.who,.lead,.what,.todo li,.line .what,.empty{
  min-width:0;
  overflow-wrap:anywhere
}
.head code{user-select:all}
.lead{font-size:1.15rem;line-height:1.5;text-wrap:pretty}
.soft,.hint{color:var(--soft)}
.hint{font-size:.87rem}
.error{display:flex;gap:.35rem;align-items:center;color:var(--bad);font-size:.9rem;font-weight:550}
.todo{background:linear-gradient(to right,var(--warn) 4px,var(--card) 4px)}
.todo ul{list-style:none}
.todo h2{margin-bottom:.25rem}
.is-alarm{background:linear-gradient(to right,var(--bad) 4px,var(--card) 4px)}
.status{display:inline-flex;align-items:center;gap:.4rem;font-weight:620;white-space:nowrap}
.is-succeeded{color:var(--good)}
.is-rejected{color:var(--soft)}
.is-needs_attention{color:var(--bad)}
.is-in_doubt{color:var(--warn)}
.is-accepted,.is-sending{color:var(--busy)}
table{width:100%;border-collapse:collapse}
th{text-align:left;font-weight:550;font-size:.85rem;color:var(--soft)}
th,td{padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child>td,tr:last-child>th{border-bottom:0}
tbody th{color:var(--ink);font-size:1em}
.money{text-align:right;white-space:nowrap}
.rows{
  background:var(--card);
  border:1px solid var(--line);
  border-radius:calc(var(--radius)*1.5);
  overflow:clip;
  margin-bottom:1rem
}
.rows th,.rows td{padding:.55rem .75rem}
.rows th:first-child,.rows td:first-child{padding-left:1.25rem}
.rows tbody tr:hover{background:color-mix(in srgb,var(--accent) 5%,var(--card))}
.rows tr:focus-within{box-shadow:inset 3px 0 var(--accent)}
.rows .said{color:var(--soft);width:44%;text-wrap:pretty}
.rows .order,.rows .detail{min-width:9rem}
.rows .order+.detail{min-width:12rem}
.members{margin-top:.6rem}
.rows td{overflow-wrap:anywhere}
.rows th{white-space:nowrap}
.rows .by span{display:block;min-width:7rem}
.rows .age{white-space:nowrap}
.rows .order{font-weight:620;overflow-wrap:anywhere}
.differs{color:var(--warn);font-weight:620}
.as-asked{color:var(--good)}
.mark{display:inline-flex;gap:.4rem;align-items:baseline}
.mark .icon{align-self:center}
.detail{display:block;color:var(--soft);font-size:.9rem;font-weight:400}
.diff{table-layout:fixed}
.diff th:first-child{width:25%}
.diff th:last-child{width:21%}
.line{list-style:none}
.line li{display:grid;grid-template-columns:6.5rem 7.5rem 1fr auto;gap:0 .75rem;padding:.3rem 0}
.line time{color:var(--soft)}
details>summary{cursor:pointer;padding:.25rem 0;min-height:1.6rem;width:fit-content}
details[open]>summary{margin-bottom:.4rem}
.act>summary{
  display:inline-flex;
  align-items:center;
  min-height:2rem;
  margin-top:.6rem;
  padding:.2rem .8rem;
  border:1px solid var(--edge);
  border-radius:var(--radius);
  font-weight:550;
  list-style:none
}
.act>summary::-webkit-details-marker{display:none}
.act>summary:hover{border-color:var(--ink)}
.act[open]>summary{margin-bottom:1rem}
.folds dl{padding:.25rem 0 .75rem}
.folds dd{margin-bottom:.4rem}
.folds details+details{border-top:1px solid var(--line)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr));gap:.75rem 1.25rem}
.facts dt{color:var(--soft);font-size:.85rem}
.facts dd{font-weight:550;overflow-wrap:anywhere}
.filters{display:flex;flex-wrap:wrap;gap:.6rem .75rem;align-items:end;margin-bottom:1rem}
.filters label{display:block;font-size:.85rem;color:var(--soft)}
.filters input{width:9.5rem}
.filters input,.filters select,.filters button{height:2.3rem}
.chips{display:flex;flex-wrap:wrap;gap:.4rem;margin-bottom:1rem}
.chips a{
  padding:.2rem .75rem;
  border:1px solid var(--line);
  border-radius:2rem;
  background:var(--card);
  color:var(--ink);
  text-decoration:none;
  min-height:1.75rem
}
.chips a[aria-current]{
  border-color:var(--accent);
  box-shadow:inset 0 0 0 1px var(--accent);
  font-weight:620
}
.field,.field+details{margin-bottom:.9rem}
.field>label,legend{display:block;font-weight:600;padding:0 0 .2rem}
.field input:not([type=radio],[type=checkbox],[type=file]),.field select,.field textarea{
  width:100%;
  max-width:40rem
}
.drop{
  padding:.9rem 1rem;
  margin-bottom:.9rem;
  border:1px dashed var(--edge);
  border-radius:var(--radius)
}
.drop .field{margin:0}
.drop.is-over{border-color:var(--accent);background:color-mix(in srgb,var(--accent) 8%,var(--card))}
.is-scripted{display:none}
@media (scripting:enabled){.is-scripted{display:block}}
.figures{grid-template-columns:repeat(auto-fill,minmax(8.75rem,1fr))}
.card>.facts+*{margin-top:1rem}
.card>h3+ul{margin-top:.25rem}
.card>form:not(:first-child){margin-top:1rem}
.card>.rows{margin:1rem 0 0;border:0;border-radius:0}
.card>.rows tr{padding-inline:0}
.card>.rows tr>:first-child,.card>.rows caption{padding-left:0}
.reasons{list-style:none}
.reasons li{display:flex;gap:.6rem;overflow-wrap:anywhere}
.reasons b{min-width:1.8rem;text-align:right}
.rows caption{text-align:left;font-size:.85rem;color:var(--soft);padding:.55rem 1.25rem 0}
.mistakes{margin:.6rem 0}
.mistakes td:first-child{white-space:nowrap}
.items td:first-child{min-width:8rem}
.items .detail{text-wrap:pretty}
fieldset{border:0;margin:0 0 .9rem;padding:0;min-width:0}
.choice{display:flex;gap:.2rem 1.25rem;flex-wrap:wrap}
.choice label,.options label{display:flex;gap:.5rem;align-items:center;min-height:1.75rem}
.options label{align-items:start;padding:.15rem 0}
.options input{margin-top:.24rem}
.options small{display:block;color:var(--soft);font-size:.9rem}
input[type=radio],input[type=checkbox]{width:1.1rem;height:1.1rem;margin:0;flex:none}
.acts{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}
.acts form{display:contents}
.card>.acts{margin-top:1rem}
.card.acts{padding-block:.9rem}
.empty{padding:3rem 1rem;text-align:center}
.empty h1,.empty h2{margin-bottom:.5rem}
.empty p+p{margin-top:.5rem}
.empty pre{text-align:left;max-width:46rem;margin:1rem auto 0}
.empty ul{display:inline-block;max-width:46rem;margin:.75rem auto 0;text-align:left}
.empty ul+*{margin-top:.75rem}
.is-trouble h1{color:var(--bad)}
.login{
  max-width:23rem;
  margin:12vh auto 0;
  padding:2rem;
  background:var(--card);
  border:1px solid var(--line);
  border-radius:1rem
}
.login h1{margin-bottom:.25rem}
.login>p{margin-bottom:1.25rem}
.login button{width:100%}
.login .hint{margin:1rem 0 0}
.bar{
  display:block;
  width:100%;
  height:.9rem;
  border-radius:.45rem;
  overflow:clip;
  background:var(--line)
}
.bar rect.is-succeeded{fill:var(--good)}
.bar rect.is-rejected{fill:var(--edge)}
.bar rect.is-needs_attention{fill:var(--bad)}
.bar rect.is-in_doubt{fill:var(--warn)}
.bar rect.is-sending{fill:var(--busy)}
.bar rect.is-accepted{fill:var(--line)}
.lead+.bar{margin-top:.6rem}
.chart{display:block;margin-top:.9rem;overflow:visible}
.chart rect{stroke:var(--card);stroke-width:1}
.chart .is-succeeded{fill:var(--good)}
.chart .is-rejected{fill:var(--edge)}
.chart .is-needs_attention{fill:var(--bad)}
.chart .is-in_doubt{fill:var(--warn)}
.chart pattern path{fill:none;stroke:var(--card);stroke-width:1.8}
.chart text{fill:var(--soft);font-size:.75rem;text-anchor:middle}
.chart .ground{stroke:var(--edge)}
.swatch{flex:none;margin:0}
.dates{display:grid;grid-template-columns:repeat(14,1fr);list-style:none;font-size:.75rem}
.dates li{text-align:center;color:var(--soft)}
#numbers{margin-top:.6rem}
.wide{overflow-x:auto}
.wide tbody th:first-child{overflow-wrap:anywhere}
.folds dd{overflow-wrap:anywhere}
.group>summary{padding:.5rem 0;font-weight:550}
.legend li{display:flex;gap:.4rem;align-items:center}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin-top:.6rem}
.matrix td{font-size:.9rem}
.matrix th,.matrix .can{white-space:normal}
.matrix th,.matrix td{padding-inline:.5rem}
.matrix th[scope=row]{font-weight:620}
.can{font-weight:620;white-space:nowrap}
.is-never,.is-unknown{color:var(--soft)}
.is-always{color:var(--warn)}
.is-choose{color:var(--good)}
.letter{margin-top:1rem;padding-top:1rem;border-top:1px solid var(--line);overflow-wrap:anywhere}
.letter section{margin-top:.9rem}
.letter ul{margin:.25rem 0 .5rem;padding-left:1.1rem}
.letter h4{margin:.4rem 0 0;font-size:.9rem;font-weight:600}
.letter .part{font-size:.85rem;color:var(--soft)}
.more{display:flex;justify-content:space-between;gap:1rem}
.orders{
  list-style:none;
  display:grid;
  grid-template-columns:repeat(auto-fill,minmax(19rem,1fr));
  gap:.1rem 1.5rem
}
.orders li{padding:.3rem 0}
.orders span{display:block;font-size:.87rem;color:var(--soft)}
`
