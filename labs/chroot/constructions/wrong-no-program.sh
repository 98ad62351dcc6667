# fail libraries-resolve
# bash is a script, which wants another program first.
tree
printf '#!/bin/sh\n' >newroot/bin/bash
