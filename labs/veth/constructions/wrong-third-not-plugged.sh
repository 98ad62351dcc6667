# fail reachable
switch 1 2 3
plug 1
plug 2
