# fail uts-namespace
stay unshare --pid --fork bash -c 'read -r'
