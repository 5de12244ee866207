{smcl}
{title:Title}

{p 4 4 2}{bf:entrepot} {hline 2} what a trade measure does: tariffs, quotas and export restraints in general equilibrium

{title:Not tried on Stata}

{p 4 4 2}The developers have no Stata. The command lines that this program sends are tested, and so are the files that
they write; the program itself has never been run by us. Please report what does not work.

{title:Syntax}

{p 4 4 2}{cmd:entrepot run} {it:case} [{cmd:,} {cmdab:t:able(}{it:name}{cmd:)} {cmdab:o:ptions(}{it:text}{cmd:)} {cmdab:sav:ing(}{it:file}[{cmd:, replace}]{cmd:)}]

{p 4 4 2}{cmd:entrepot solve} {cmd:,} {cmdab:m:easures(}{it:text}{cmd:)} [{cmdab:t:able(}{it:name}{cmd:)} {cmdab:o:ptions(}{it:text}{cmd:)} {cmdab:sav:ing(}{it:file}[{cmd:, replace}]{cmd:)}]

{p 4 4 2}{cmd:entrepot theta} {cmd:,} {cmdab:e:conomy(}{it:name}{cmd:)} [{cmdab:sav:ing(}{it:file}[{cmd:, replace}]{cmd:)}]

{title:Description}

{p 4 4 2}Each calls the command {cmd:entrepot} of the Python package ({cmd:pip install .} in its checkout), which must be on the
path, and loads one of its tables in double precision in place of the data in memory. {it:case} is the name of a
bundled case or the path of a YAML file; {it:text} is passed to the command as it stands. A run is kept only where
{it:text} has {cmd:--store}.

{p 4 4 2}The table is {cmd:welfare}, who gains and who loses, unless another is named: {cmd:countries}, {cmd:industry},
{cmd:proceeds}, {cmd:markets}, {cmd:measures}, {cmd:sectors}, {cmd:trade}, {cmd:decomposition}.

{title:Examples}

{p 4 4 2}{cmd:. entrepot run us-japan-autos-2019, table(countries)}

{p 4 4 2}{cmd:. entrepot solve, measures(--tariff USA:JPN:motor_vehicles:+25%) options(--horizon short)}

{p 4 4 2}{cmd:. entrepot theta, economy(world2014)}
