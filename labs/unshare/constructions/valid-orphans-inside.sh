# pass
stay unshare -fpu --mount-proc bash -c 'hostname happy.life.com; bash -c "sleep 1000 & exit"; read -r'
