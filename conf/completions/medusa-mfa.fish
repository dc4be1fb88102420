# fish completion for medusa-mfa
# SPDX-License-Identifier: MIT
#
# Asks no verifier: labels of factors are not completed.  Kept true by
# tests/host/completion.sh.

# True where the command is one of these.
function __medusa_mfa_is
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv
end

# True where no command is there yet.
function __medusa_mfa_none
    test (count (commandline -opc)) -eq 1
end

# True where the words end with these, options apart that take no value.
function __medusa_mfa_behind
    set -l words
    for word in (commandline -opc)[2..-1]
        string match -q -- '--*' $word; or set -a words $word
    end
    test "$words" = "$argv"
end

complete -c medusa-mfa -f
complete -c medusa-mfa -n __medusa_mfa_none -l help -d 'list the commands'
complete -c medusa-mfa -n __medusa_mfa_none -l version -d 'print the version'

complete -c medusa-mfa -n __medusa_mfa_none -a setup \
    -d 'prepare this host'
complete -c medusa-mfa -n __medusa_mfa_none -a enroll \
    -d 'add a factor'
complete -c medusa-mfa -n __medusa_mfa_none -a confirm \
    -d 'enable a pending factor by a first code'
complete -c medusa-mfa -n __medusa_mfa_none -a send \
    -d 'send another code for a pending factor'
complete -c medusa-mfa -n __medusa_mfa_none -a list \
    -d 'list factors'
complete -c medusa-mfa -n __medusa_mfa_none -a rename \
    -d 'give a factor another label'
complete -c medusa-mfa -n __medusa_mfa_none -a disable \
    -d 'remove a factor'
complete -c medusa-mfa -n __medusa_mfa_none -a recovery-codes \
    -d 'make new recovery codes'
complete -c medusa-mfa -n __medusa_mfa_none -a verify \
    -d 'try a code, as a login would'
complete -c medusa-mfa -n __medusa_mfa_none -a sync \
    -d 'adopt clock or counter by two codes'
complete -c medusa-mfa -n __medusa_mfa_none -a status \
    -d 'show the state of one user'
complete -c medusa-mfa -n __medusa_mfa_none -a forget \
    -d 'ask for codes again where they are remembered'
complete -c medusa-mfa -n __medusa_mfa_none -a explain \
    -d 'say what a login would be asked'
complete -c medusa-mfa -n __medusa_mfa_none -a users \
    -d 'list users, or remove a reset record'
complete -c medusa-mfa -n __medusa_mfa_none -a invite \
    -d 'let a user enrol a first factor'
complete -c medusa-mfa -n __medusa_mfa_none -a bypass \
    -d 'let a user in once without a factor'
complete -c medusa-mfa -n __medusa_mfa_none -a import \
    -d 'bring in factors of other programs'
complete -c medusa-mfa -n __medusa_mfa_none -a reset \
    -d 'remove all factors of a user'
complete -c medusa-mfa -n __medusa_mfa_none -a unlock \
    -d 'open what wrong codes locked'
complete -c medusa-mfa -n __medusa_mfa_none -a key \
    -d 'make, change, list and keep the keys'
complete -c medusa-mfa -n __medusa_mfa_none -a store \
    -d 'check all records'
complete -c medusa-mfa -n __medusa_mfa_none -a config \
    -d 'check or edit the configuration'
complete -c medusa-mfa -n __medusa_mfa_none -a doctor \
    -d 'find what is set up wrongly'
complete -c medusa-mfa -n __medusa_mfa_none -a help \
    -d 'list the commands, or the options of one'

complete -c medusa-mfa -n '__medusa_mfa_is enroll confirm send list rename \
    disable recovery-codes verify sync status import' \
    -l user -x -a "(__fish_complete_users)" -d 'whose record'
complete -c medusa-mfa -n '__medusa_mfa_is enroll confirm send list rename \
    disable recovery-codes sync status users reset unlock' \
    -l realm -x -d 'whose user that is'
complete -c medusa-mfa -n '__medusa_mfa_is enroll' \
    -l provider -x -a "totp hotp otp" -d 'kind of factor'
complete -c medusa-mfa -n '__medusa_mfa_is enroll import' \
    -l label -x -d 'name of the factor'
complete -c medusa-mfa -n '__medusa_mfa_is enroll' \
    -l address -x -d 'where codes are sent'
complete -c medusa-mfa -n '__medusa_mfa_is enroll' \
    -l counter -x -d 'next counter of the token'
complete -c medusa-mfa -n '__medusa_mfa_is enroll' \
    -l qr -x -a "utf8 ascii none" -d 'how the QR code is drawn'
complete -c medusa-mfa -n '__medusa_mfa_is enroll' \
    -l show-url -d 'also print the otpauth URL'
complete -c medusa-mfa -n '__medusa_mfa_is enroll' \
    -l algorithm -x -a "SHA1 SHA256 SHA512" -d 'of the codes'
complete -c medusa-mfa -n '__medusa_mfa_is enroll' \
    -l digits -x -d 'length of a code'
complete -c medusa-mfa -n '__medusa_mfa_is enroll' \
    -l period -x -d 'life of a code'
complete -c medusa-mfa -n '__medusa_mfa_is enroll' \
    -l import-secret -d 'read an existing key'
complete -c medusa-mfa -n '__medusa_mfa_is enroll confirm recovery-codes \
    invite bypass key' \
    -l output -r -F -d 'write the codes to a new file'
complete -c medusa-mfa -n '__medusa_mfa_is enroll confirm list \
    recovery-codes status users invite bypass key store doctor import \
    explain' \
    -l json -d 'print JSON'
complete -c medusa-mfa -n '__medusa_mfa_is bypass' \
    -l for -x -d 'how long it is good'
complete -c medusa-mfa -n '__medusa_mfa_is bypass' \
    -l reason -x -d 'why, for the log'
complete -c medusa-mfa -n '__medusa_mfa_is doctor' \
    -l root -x -a "(__fish_complete_directories)" -d 'look at a mounted tree'
complete -c medusa-mfa -n '__medusa_mfa_is list' \
    -l long -d 'show all that is known'
complete -c medusa-mfa -n '__medusa_mfa_is disable recovery-codes users \
    reset store' \
    -l yes -d 'do not ask'
complete -c medusa-mfa -n '__medusa_mfa_is import' \
    -l all-users -d 'every user who has such a file'
complete -c medusa-mfa -n '__medusa_mfa_is import' \
    -l dry-run -d 'write nothing'
complete -c medusa-mfa -n '__medusa_mfa_is import' \
    -l image -r -F -d 'a PNG image of a QR code'
complete -c medusa-mfa -n '__medusa_mfa_is invite' \
    -l users-from -r -F -d 'users, one a line'
complete -c medusa-mfa -n '__medusa_mfa_is explain' \
    -l key-used -d 'as if a public key had been used'
complete -c medusa-mfa -n '__medusa_mfa_is explain' \
    -l tty -x -d 'as if on that terminal'
complete -c medusa-mfa -n '__medusa_mfa_is unlock' \
    -l clock -d 'also mend a record of a wrong clock'
complete -c medusa-mfa -n '__medusa_mfa_is setup enroll confirm send list \
    rename disable recovery-codes verify sync status users invite bypass import \
    reset unlock key store config doctor forget explain' \
    -l help -d 'how it is used'

complete -c medusa-mfa -n '__medusa_mfa_behind key' \
    -a 'new rotate list rekey remove retired export'
complete -c medusa-mfa -n '__medusa_mfa_behind store' \
    -a 'check after-restore'
complete -c medusa-mfa -n '__medusa_mfa_behind config' -a 'check edit'
complete -c medusa-mfa -n '__medusa_mfa_behind import' \
    -a 'google-authenticator oath otpauth pskc'
complete -c medusa-mfa -n '__medusa_mfa_behind users' -a remove
complete -c medusa-mfa -n '__medusa_mfa_behind users remove' \
    -a '(__fish_complete_users)'
complete -c medusa-mfa -a '(__fish_complete_users)' \
    -n '__medusa_mfa_behind invite; or __medusa_mfa_behind bypass; \
    or __medusa_mfa_behind reset; or __medusa_mfa_behind unlock; \
    or __medusa_mfa_behind forget; or __medusa_mfa_behind explain'
complete -c medusa-mfa -n '__medusa_mfa_behind help' \
    -a 'setup enroll confirm send list rename disable recovery-codes'
complete -c medusa-mfa -n '__medusa_mfa_behind help' \
    -a 'verify sync status users invite bypass import reset unlock key store \
    config doctor help forget explain'
